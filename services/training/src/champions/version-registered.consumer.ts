import { type VersionRegistered, versionRegistered } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { ChampionsService } from './champions.service.js';

@Injectable()
export class VersionRegisteredConsumer {
  constructor(private readonly champions: ChampionsService) {}

  @Consume(versionRegistered)
  async rememberOutputs({ data }: VersionRegistered): Promise<void> {
    await this.champions.describe(data);
  }
}
