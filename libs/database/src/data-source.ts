import { DataSource, type DataSourceOptions } from 'typeorm';
import { SnakeCaseNaming } from './snake-case.js';

export type EntityClass = Extract<NonNullable<DataSourceOptions['entities']>, readonly unknown[]>[number];

export interface DataSourceSettings {
  /** Also the schema. */
  readonly service: string;
  readonly url: string;
  readonly entities: readonly EntityClass[];
  readonly poolSize?: number;
}

/** A data source whose sessions see the service's schema only. */
export function createDataSource({ service, url, entities, poolSize = 6 }: DataSourceSettings): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: [...entities],
    namingStrategy: new SnakeCaseNaming(),
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    applicationName: `bascule-${service}`,
    poolSize,
    connectTimeoutMS: 5000,
    extra: {
      options: `-c search_path=${service} -c timezone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000`,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
    },
  });
}
