import { type VersionRegistered, versionRegistered } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { ReferencesService } from './references.service.js';

@Injectable()
export class VersionRegisteredConsumer {
  constructor(private readonly references: ReferencesService) {}

  @Consume(versionRegistered)
  async keepReference({ data, time }: VersionRegistered): Promise<void> {
    await this.references.register(data, time);
  }
}
