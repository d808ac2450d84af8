import { type LoadTestFinished, loadTestFinished } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { GatewayLoadTestsService } from './load-tests.service.js';

@Injectable()
export class LoadTestFinishedConsumer {
  constructor(private readonly tests: GatewayLoadTestsService) {}

  @Consume(loadTestFinished)
  async recordFigures({ data }: LoadTestFinished): Promise<void> {
    await this.tests.finish(data);
  }
}
