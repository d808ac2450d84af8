import { setTimeout as delay } from 'node:timers/promises';
import { HealthRegistry } from '@bascule/platform';
import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { createDataSource, type DataSourceSettings } from './data-source.js';
import { outliveLostConnections } from './lost-connections.js';
import { type MigrationClass, pendingMigrations } from './migrations.js';
import { Transactions } from './transactions.js';

export interface DatabaseOptions extends DataSourceSettings {
  /** When given, the service refuses to start while one of them is not applied. */
  readonly migrations?: readonly MigrationClass[];
}

const connectForMs = 30_000;

/** Connects to the service's schema and checks that it is up to date; never changes it. */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  static forRoot(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        {
          provide: DataSource,
          inject: [HealthRegistry],
          useFactory: async (health: HealthRegistry) => {
            const source = await connect(options);
            await verifySchema(source, options);
            health.register('postgres', async () => {
              await source.query('select 1');
              return { ok: true };
            });
            return source;
          },
        },
        { provide: EntityManager, inject: [DataSource], useFactory: (source: DataSource) => source.manager },
        Transactions,
      ],
      exports: [DataSource, EntityManager, Transactions],
    };
  }

  // last of the shutdown hooks: requests and handlers that end before still need the pool
  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

async function connect(options: DatabaseOptions): Promise<DataSource> {
  const giveUpAt = Date.now() + connectForMs;
  for (;;) {
    try {
      return outliveLostConnections(await createDataSource(options).initialize());
    } catch (error) {
      const { code } = error as { code?: string };
      if (Date.now() > giveUpAt || !['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', '57P03'].includes(code ?? '')) throw error;
      await delay(250);
    }
  }
}

async function verifySchema(source: DataSource, { service, migrations }: DatabaseOptions): Promise<void> {
  const pending = await pendingMigrations(source, migrations ?? []);
  const [{ exists }] = (await source.query(`select to_regclass($1) is not null as exists`, [`${service}.migrations`])) as [
    { exists: boolean },
  ];
  if (exists && pending.length === 0) return;
  await source.destroy();
  const missing = pending.length > 0 ? `misses ${pending.join(', ')}` : 'has never been migrated';
  throw new Error(
    `schema ${service} ${missing}: run \`node libs/launcher/dist/migrate.main.js\` with DATABASE_OWNER_URL, then start again`,
  );
}
