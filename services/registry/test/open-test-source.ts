import { createDataSource, type EntityClass } from '@bascule/database';
import type { DataSource, Logger } from 'typeorm';

/** A connection to the registry's tables that tells every statement it sends. */
export async function openTestSource(
  url: string,
  entities: readonly EntityClass[],
  onQuery: (sql: string, values: unknown[]) => void = () => undefined,
): Promise<DataSource> {
  const source = createDataSource({ service: 'registry', url, entities, poolSize: 2 });
  const logger = { logQuery: onQuery, logQueryError: () => undefined, log: () => undefined } as unknown as Logger;
  source.setOptions({ logger, logging: ['query'] });
  return source.initialize();
}
