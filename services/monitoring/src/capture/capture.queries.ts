import type { PredictionBlock } from '@bascule/proto';
import type { EntityManager } from 'typeorm';
import { storableText } from '../predictions/storable.js';
import type { Account, ArrivedBlock } from './capture-account.js';

/** Notes that a block has come, and what it says about rows that were not captured. In the transaction that stores its rows. */
export async function noteBlock(manager: EntityManager, block: PredictionBlock): Promise<void> {
  const producer = storableText(block.producer);
  if (producer === '' || block.sequence === 0n) return;
  const models = [...new Set([...block.models, ...block.tallies].map(({ modelName }) => storableText(modelName)))];
  await manager.query(
    `insert into capture_blocks (producer, sequence, rows, rows_before, dropped, models) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [producer, String(block.sequence), block.predictions.length, block.rowsBefore?.toString() ?? null, String(block.dropped), models],
  );
  const tallies = [...block.tallies].sort((a, b) => (a.modelName < b.modelName ? -1 : 1) || a.modelVersion - b.modelVersion);
  for (const { modelName, modelVersion, answeredRows, capturedRows } of tallies) {
    await manager.query(
      `insert into capture_tallies as t (producer, model_name, model_version, answered, captured) values ($1, $2, $3, $4, $5)
       on conflict (producer, model_name, model_version) do update
       set answered = excluded.answered, captured = excluded.captured, updated_at = now() where t.answered < excluded.answered`,
      [producer, storableText(modelName), modelVersion, String(answeredRows), String(capturedRows)],
    );
  }
}

export interface ProducerRow {
  producer: string;
  gateway_id: string | null;
  complete_to: number;
  rows_received: number;
  rows_said: number;
  rows_said_at: number;
  dropped: number;
  models: string[];
  state: string;
  open_rows: number;
  /** On the disk of the gateway, to be sent. */
  waiting_blocks: number;
  missing_blocks: number;
  rows_at_most: number;
  is_end_unknown: boolean;
  last_heard_at: Date;
}

export const producerColumns = `producer, gateway_id, complete_to::float8, rows_received::float8, rows_said::float8, rows_said_at::float8,
  dropped::float8, models, state, open_rows, waiting_blocks::float8, missing_blocks::float8, rows_at_most::float8, is_end_unknown, last_heard_at`;

/** The account of a producer; begins one when there is none. */
export async function readProducer(manager: EntityManager, producer: string): Promise<ProducerRow> {
  await manager.query('insert into capture_producers (producer) values ($1) on conflict do nothing', [producer]);
  const [row] = (await manager.query(`select ${producerColumns} from capture_producers where producer = $1`, [producer])) as ProducerRow[];
  return row!;
}

export async function accountOf(manager: EntityManager, row: ProducerRow): Promise<Account> {
  const missing = (await manager.query('select sequence::float8 from capture_missing where producer = $1', [row.producer])) as {
    sequence: number;
  }[];
  const { complete_to: completeTo, rows_received: rowsReceived, rows_said: rowsSaid, rows_said_at: rowsSaidAt } = row;
  return { completeTo, rowsReceived, rowsSaid, rowsSaidAt, missing: new Set(missing.map(({ sequence }) => sequence)) };
}

/** Producers with blocks that are not counted in yet. */
export async function producersWithBlocks(manager: EntityManager): Promise<string[]> {
  return ((await manager.query('select distinct producer from capture_blocks')) as { producer: string }[]).map(({ producer }) => producer);
}

export interface WaitingBlock extends ArrivedBlock {
  readonly dropped: number;
  readonly models: string[];
  readonly receivedAt: Date;
}

/** Blocks that are not counted in yet, in the order of their numbers. */
export async function waitingBlocks(manager: EntityManager, producer: string, overdueMs: number, limit: number): Promise<WaitingBlock[]> {
  return manager.query(
    `select sequence::float8, rows, rows_before::float8 as "rowsBefore", dropped::float8, models, received_at as "receivedAt",
       received_at < now() - make_interval(secs => $2) as "isOverdue"
     from capture_blocks where producer = $1 order by sequence limit ${limit}`,
    [producer, overdueMs / 1000],
  );
}

/** Keeps an account after blocks were counted in. */
export async function saveAccount(manager: EntityManager, row: ProducerRow, account: Account, settled: readonly number[]): Promise<void> {
  await manager.query('delete from capture_blocks where producer = $1 and sequence = any($2::bigint[])', [row.producer, settled]);
  const missing = [...account.missing];
  await manager.query('delete from capture_missing where producer = $1 and sequence <> all($2::bigint[])', [row.producer, missing]);
  await manager.query('insert into capture_missing (producer, sequence) select $1, unnest($2::bigint[]) on conflict do nothing', [
    row.producer,
    missing,
  ]);
  await manager.query(
    `update capture_producers set gateway_id = $2, complete_to = $3, rows_received = $4, rows_said = $5, rows_said_at = $6, dropped = $7,
       models = $8, state = $9, open_rows = $10, missing_blocks = $11, rows_at_most = $12, is_end_unknown = $13, last_heard_at = $14,
       waiting_blocks = $15
     where producer = $1`,
    [
      row.producer,
      row.gateway_id,
      account.completeTo,
      account.rowsReceived,
      account.rowsSaid,
      account.rowsSaidAt,
      row.dropped,
      row.models,
      row.state,
      row.open_rows,
      row.missing_blocks,
      row.rows_at_most,
      row.is_end_unknown,
      row.last_heard_at,
      row.waiting_blocks,
    ],
  );
}
