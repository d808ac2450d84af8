import { accessEntry, buckets, type ModelSignature } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { KvWatch, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Clock } from '@bascule/platform';
import type { PredictionBlock } from '@bascule/proto';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ConsumerEvidence } from './consumer-rule.js';
import { type AskedRows, askedRows, noInputs } from './request-block.js';
import { mergedForms, type RequestForm } from './request-forms.js';

const keepDays = 90;
/** Stands for the keys of rows that nobody recorded. */
const unknownKey = '';

interface StoredRequests {
  readonly keyId: string;
  readonly rowCount: string;
  readonly unreadCount: string;
  readonly inputs: RequestForm;
}

/** Remembers in which form clients ask, so that no version comes up that could not answer them. */
@Injectable()
export class ConsumersService implements OnModuleInit, OnApplicationShutdown {
  private readonly keys;

  constructor(
    @Inject(NATS) connection: NatsConnectionHolder,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {
    this.keys = new KvWatch(connection, buckets.access, accessEntry);
  }

  onModuleInit(): Promise<void> {
    return this.keys.start();
  }

  onApplicationShutdown(): void {
    this.keys.stop();
  }

  /** Adds the requests of a block to what is remembered. */
  async note(block: PredictionBlock): Promise<void> {
    await this.transactions.run(async (manager) => {
      const groups = [...askedRows(block), ...(await this.unrecorded(manager, block))];
      // always in the same order: two registries that write the same keys wait for one another, and neither for ever
      groups.sort((a, b) => (`${a.modelName} ${a.keyId} ${a.day}` < `${b.modelName} ${b.keyId} ${b.day}` ? -1 : 1));
      for (const group of groups) await add(manager, group);
    });
  }

  /** What active keys asked of a model in so many days. */
  async evidenceFor(modelName: string, signature: ModelSignature, days: number, hasChampion: boolean): Promise<ConsumerEvidence> {
    const since = new Date(this.clock.now().getTime() - days * 86_400_000).toISOString().slice(0, 10);
    const rows = (await this.transactions.manager.query(
      `select key_id as "keyId", row_count as "rowCount", unread_count as "unreadCount", inputs
         from consumer_requests where model_name = $1 and day >= $2 order by key_id, day`,
      [modelName, since],
    )) as StoredRequests[];
    const requests = new Map<
      string,
      { keyId: string; identity?: string | undefined; rowCount: number; unreadCount: number; inputs: RequestForm }
    >();
    let unrecordedRows = 0;
    for (const row of rows) {
      if (row.keyId === unknownKey) unrecordedRows += Number(row.unreadCount);
      const entry = this.keys.get(row.keyId);
      if (row.keyId === unknownKey || (entry && entry.revokedAt !== null)) continue;
      const known = requests.get(row.keyId) ?? { keyId: row.keyId, identity: entry?.identity, rowCount: 0, unreadCount: 0, inputs: {} };
      known.rowCount += Number(row.rowCount);
      known.unreadCount += Number(row.unreadCount);
      known.inputs = mergedInputs(known.inputs, row.inputs);
      requests.set(row.keyId, known);
    }
    return { signature, requests: [...requests.values()], unrecordedRows, hasChampion };
  }

  /** Each producer counts since its start, and its blocks may come out of order or twice: only what is beyond the highest count is new. */
  private async unrecorded(manager: EntityManager, { producer, tallies }: PredictionBlock): Promise<AskedRows[]> {
    const now = this.clock.now();
    const groups: AskedRows[] = [];
    for (const { modelName, modelVersion, answeredRows, capturedRows } of tallies) {
      const count = Number(answeredRows - capturedRows);
      if (count <= 0) continue;
      const key = [producer, modelName, modelVersion];
      await manager.query('insert into uncaptured_rows values ($1, $2, $3, 0, $4) on conflict do nothing', [...key, now]);
      const [told] = (await manager.query(
        'select row_count as "rowCount" from uncaptured_rows where producer = $1 and model_name = $2 and model_version = $3 for update',
        key,
      )) as { rowCount: string }[];
      const rowCount = count - Number(told?.rowCount ?? 0);
      if (rowCount <= 0) continue;
      await manager.query(
        'update uncaptured_rows set row_count = $4, seen_at = $5 where producer = $1 and model_name = $2 and model_version = $3',
        [...key, count, now],
      );
      const day = now.toISOString().slice(0, 10);
      groups.push({ modelName, keyId: unknownKey, day, rowCount, unreadCount: rowCount, lastAt: now, inputs: {} });
    }
    return groups;
  }
}

async function add(manager: EntityManager, { modelName, keyId, day, rowCount, unreadCount, lastAt, inputs }: AskedRows): Promise<void> {
  const key = [modelName, keyId, day];
  const [known] = (await manager.query(
    'select inputs from consumer_requests where model_name = $1 and key_id = $2 and day = $3 for update',
    key,
  )) as { inputs: RequestForm }[];
  if (!known) {
    await manager.query('delete from consumer_requests where day < current_date - $1::int', [keepDays]);
    await manager.query('delete from uncaptured_rows where seen_at < now() - make_interval(days => $1)', [keepDays]);
    await manager.query("insert into consumer_requests values ($1, $2, $3, 0, 0, '{}', $4) on conflict do nothing", [...key, lastAt]);
    return add(manager, { modelName, keyId, day, rowCount, unreadCount, lastAt, inputs });
  }
  await manager.query(
    `update consumer_requests set row_count = row_count + $4, unread_count = unread_count + $5, inputs = $6, last_at = greatest(last_at, $7)
       where model_name = $1 and key_id = $2 and day = $3`,
    [...key, rowCount, unreadCount, JSON.stringify(mergedInputs(known.inputs, inputs)), lastAt],
  );
}

function mergedInputs(one: RequestForm, other: RequestForm): RequestForm {
  const merged = Object.assign(noInputs(), one);
  for (const [name, form] of Object.entries(other)) merged[name] = mergedForms(merged[name], form);
  return merged;
}
