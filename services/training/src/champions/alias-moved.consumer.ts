import { type AliasMoved, aliasMoved } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { ChampionsService } from './champions.service.js';

@Injectable()
export class AliasMovedConsumer {
  constructor(private readonly champions: ChampionsService) {}

  @Consume(aliasMoved)
  async rememberChampion(event: AliasMoved): Promise<void> {
    await this.champions.record(event);
  }
}
