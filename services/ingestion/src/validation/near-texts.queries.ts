import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { mostTexts, signatureLength } from './near-duplicates.js';

/** Signatures of texts, one after the other, and to whom each belongs. */
export interface TextBlock {
  readonly signatures: Uint32Array;
  readonly owners: BigUint64Array;
}

/** The texts that a dataset took last, as signatures; used under the lock of the dataset. */
@Injectable()
export class NearTexts {
  constructor(private readonly transactions: Transactions) {}

  /** Hands over what is remembered under a rule, the oldest first, block by block. */
  async *blocks(datasetName: string, rule: string): AsyncGenerator<TextBlock> {
    const { manager } = this.transactions;
    const keys = (await manager.query(
      `select batch_id, block from near_texts where dataset_name = $1 and rule = $2 order by batch_id, block`,
      [datasetName, rule],
    )) as { batch_id: string; block: number }[];
    for (const { batch_id, block } of keys) {
      const [row] = (await manager.query(
        'select signatures, owners from near_texts where dataset_name = $1 and rule = $2 and batch_id = $3 and block = $4',
        [datasetName, rule, batch_id, block],
      )) as [{ signatures: Buffer; owners: Buffer }];
      yield { signatures: new Uint32Array(copyOf(row.signatures)), owners: new BigUint64Array(copyOf(row.owners)) };
    }
  }

  /** Remembers texts of a batch. */
  async add(datasetName: string, rule: string, batchId: string, block: number, { signatures, owners }: TextBlock): Promise<void> {
    await this.transactions.manager.query(
      `insert into near_texts (dataset_name, rule, batch_id, block, text_count, signatures, owners) values ($1, $2, $3, $4, $5, $6, $7)`,
      [datasetName, rule, batchId, block, signatures.length / signatureLength, bytesOf(signatures), bytesOf(owners)],
    );
  }

  /** Forgets blocks that are older than the last 100,000 texts. */
  async prune(datasetName: string, rule: string): Promise<void> {
    await this.transactions.manager.query(
      `delete from near_texts where (dataset_name, rule, batch_id, block) in (
         select dataset_name, rule, batch_id, block from (
           select *, sum(text_count) over (order by batch_id desc, block desc) - text_count as newer
           from near_texts where dataset_name = $1 and rule = $2) as texts where newer >= $3)`,
      [datasetName, rule, mostTexts],
    );
  }

  /** Forgets all texts of a dataset, or those of some batches. */
  async forget(datasetName: string, batchIds?: readonly string[]): Promise<void> {
    await this.transactions.manager.query('delete from near_texts where dataset_name = $1 and ($2::uuid[] is null or batch_id = any($2))', [
      datasetName,
      batchIds ?? null,
    ]);
  }

  /** Whether a batch is what a person sent again from quarantine. */
  async isResubmitted(batchId: string): Promise<boolean> {
    const rows = (await this.transactions.manager.query('select 1 from quarantined_records where resubmitted_batch_id = $1 limit 1', [
      batchId,
    ])) as unknown[];
    return rows.length > 0;
  }
}

// buffers of the driver begin anywhere in a larger one
function copyOf(buffer: Buffer): ArrayBuffer {
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) as ArrayBuffer;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | BigUint64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
