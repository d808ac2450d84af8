import { type VersionRegistered, versionRegistered } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { KnownVersionsService } from './known-versions.service.js';

@Injectable()
export class VersionRegisteredConsumer {
  constructor(private readonly versions: KnownVersionsService) {}

  @Consume(versionRegistered)
  async rememberVersion({ data }: VersionRegistered): Promise<void> {
    await this.versions.remember(data);
  }
}
