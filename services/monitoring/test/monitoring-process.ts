import { fileURLToPath } from 'node:url';
import { buckets, type DataOf, type EventDefinition, type RolloutMeasure } from '@bascule/contracts';
import { ensureStreams, KvWriter, openConnection, Publisher } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { openStops, type ServiceProcess, spawnService, temporaryFolder, testDatabase, testNats } from '@bascule/testing';
import pg from 'pg';
import { migrations } from '../src/migrations/index.js';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Monitoring as a process of its own, with real servers: it can be killed at any moment and started again. */
export async function startMonitoringProcess() {
  const [database, nats] = await Promise.all([testDatabase('monitoring', migrations), testNats()]);
  const stops = await openStops(database.ownerUrl, 'monitoring', ['judgements', 'outbox_events']);
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const connection = await openConnection(nats.url, 'test');
  await ensureStreams(connection.jsm);
  const [kv, publisher] = [new KvWriter(connection), new Publisher(connection)];
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    OBJECT_ROOT: temporaryFolder('objects'),
    OTEL_TRACES_EXPORTER: 'none',
    EVALUATE_EVERY_MS: '50',
    NATS_RESEND_WINDOW_MS: '1000',
  };
  let service: ServiceProcess | undefined;

  async function start(): Promise<void> {
    service = await spawnService(program, { env });
  }

  async function kill(): Promise<void> {
    await service?.kill();
  }

  await start();
  return {
    stops,
    start,
    kill,
    measure: (measure: RolloutMeasure) => kv.put(buckets.rollouts, `${measure.rolloutId}.${measure.producer}`, measure),
    publish: async <Definition extends EventDefinition>(definition: Definition, data: DataOf<Definition>) => {
      await publisher.publishEvent({ definition, data, id: newId() });
    },
    query: async <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> => (await owner.query(sql, parameters)).rows as Row[],
    /** Every event of monitoring, once, in the order of the stream. */
    stored: async (): Promise<{ type: string; data: Record<string, unknown> }[]> => {
      const found = new Map<string, { type: string; data: Record<string, unknown> }>();
      const { state } = await connection.jsm.streams.info('MONITORING');
      for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
        const message = await connection.jsm.streams.getMessage('MONITORING', { seq: sequence });
        if (message) found.set(message.header.get('ce-id'), { type: message.subject, data: message.json() });
      }
      return [...found.values()];
    },
    stop: async () => {
      await kill();
      await connection.close();
      await stops.stop();
      await owner.end();
      await Promise.all([database.stop(), nats.stop()]);
    },
  };
}
export type MonitoringProcess = Awaited<ReturnType<typeof startMonitoringProcess>>;
