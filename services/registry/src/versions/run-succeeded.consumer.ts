import { type RunSucceeded, runSucceeded } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { RegistrationService } from './registration.service.js';

@Injectable()
export class RunSucceededConsumer {
  constructor(private readonly registration: RegistrationService) {}

  @Consume(runSucceeded)
  async registerVersion({ data }: RunSucceeded): Promise<void> {
    await this.registration.registerRun(data);
  }
}
