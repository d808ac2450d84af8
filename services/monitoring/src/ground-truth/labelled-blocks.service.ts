import { predictionLabelled } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { BasculeError, Logger, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { takeTurn } from '../evaluation/turn.queries.js';
import { labelledBlock } from './labelled-block.js';
import { markPublished, selectUnpublished, type UnpublishedLabel } from './labels.queries.js';

const rowsPerBlock = 256;
// NATS takes messages up to 1 MB; names, labels and the columns of the models need room as well
const bytesPerBlock = 700_000;
/** Stands in labels that no block can carry: their prediction was dropped, or is too large for any message. */
const noBlock = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class LabelledBlocksService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly log: Logger,
  ) {}

  /** Puts labels that nobody has heard of into the next block; the outbox brings it out once. Answers how many there were. */
  async publish(): Promise<number> {
    return this.transactions.run(async (manager) => {
      await takeTurn(manager);
      const labels = await selectUnpublished(manager, rowsPerBlock);
      const dropped = labels.filter((label) => label.received_at === null);
      const carried = fitting(labels.filter((label) => label.received_at !== null));
      if (dropped.length > 0) await markPublished(manager, dropped, noBlock);
      if (carried.length > 0) await markPublished(manager, carried, await this.send(carried));
      return dropped.length + carried.length;
    });
  }

  private async send(labels: readonly UnpublishedLabel[]): Promise<string> {
    const id = newId();
    try {
      await this.outbox.publishBlock({ definition: predictionLabelled, bytes: labelledBlock(labels), id });
      return id;
    } catch (error) {
      // the outbox has written nothing yet; a row that fits into no message must not keep all others waiting
      if (!(error instanceof BasculeError && error.code === 'messaging.event_too_large') || labels.length > 1) throw error;
      this.log.error({ err: error, predictionId: labels[0]?.prediction_id }, 'a labelled prediction is too large to be published');
      return noBlock;
    }
  }
}

/** The first labels that one message can carry; at least one. */
function fitting(labels: readonly UnpublishedLabel[]): readonly UnpublishedLabel[] {
  let bytes = 0;
  const end = labels.findIndex(({ payload }, i) => {
    bytes += payload.length;
    return i > 0 && bytes > bytesPerBlock;
  });
  return end < 0 ? labels : labels.slice(0, end);
}
