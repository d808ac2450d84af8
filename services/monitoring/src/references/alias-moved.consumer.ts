import { type AliasMoved, aliasMoved } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { ReferencesService } from './references.service.js';

@Injectable()
export class AliasMovedConsumer {
  constructor(private readonly references: ReferencesService) {}

  @Consume(aliasMoved, { concurrency: 1 })
  async noteProduction({ data, time }: AliasMoved): Promise<void> {
    if (data.alias !== 'champion' || data.environment !== 'production') return;
    await this.references.setProduction(data.modelName, data.version, time);
  }
}
