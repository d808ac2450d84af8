import { predictionLabelled } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { takeTurn } from '../evaluation/turn.queries.js';
import { labelledBlock } from './labelled-block.js';
import { markPublished, selectUnpublished } from './labels.queries.js';

const rowsPerBlock = 256;
/** Stands in labels whose prediction was dropped before a block could carry them. */
const noBlock = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class LabelledBlocksService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
  ) {}

  /** Puts labels that nobody has heard of into the next block; the outbox brings it out once. Answers how many there were. */
  async publish(): Promise<number> {
    return this.transactions.run(async (manager) => {
      await takeTurn(manager);
      const labels = await selectUnpublished(manager, rowsPerBlock);
      const dropped = labels.filter((label) => label.received_at === null);
      const carried = labels.filter((label) => label.received_at !== null);
      if (dropped.length > 0) await markPublished(manager, dropped, noBlock);
      if (carried.length > 0) {
        const id = newId();
        await this.outbox.publishBlock({ definition: predictionLabelled, bytes: labelledBlock(carried), id });
        await markPublished(manager, carried, id);
      }
      return labels.length;
    });
  }
}
