import { Readable } from 'node:stream';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import pg from 'pg';
import type { Config } from '../config.js';
import { sourceUnavailable, sourceUnknownPlace } from '../errors.js';
import type { TableSettings, Watermark } from './sources.schema.js';
import { newRowsQuery, type PositionTypes } from './table-query.js';

const pageRows = 2000;

/** Rows of a pull as NDJSON; `last` is known when the content has been read to its end. */
export interface PulledRows {
  readonly content: Readable;
  readonly last: () => { watermark: Watermark; rowCount: number } | undefined;
}

/** The door to tables of other databases. */
@Injectable()
export class SourceTables {
  private readonly urls: Readonly<Record<string, string>>;

  constructor(@Inject(CONFIG) config: Config) {
    this.urls = config.SOURCE_CONNECTIONS;
  }

  /** @throws when the connection is not among the settings */
  check({ connection }: TableSettings): void {
    if (!Object.hasOwn(this.urls, connection)) throw sourceUnknownPlace({ connection }, `SOURCE_CONNECTIONS has no ${connection}`);
  }

  /** Reads rows behind a position page by page, from one snapshot. */
  newRows(settings: TableSettings, from: Watermark | null): PulledRows {
    this.check(settings);
    const state: { watermark: Watermark | undefined; rowCount: number } = { watermark: undefined, rowCount: 0 };
    const content = Readable.from(this.lines(settings, from, state), { objectMode: true, highWaterMark: 2 });
    return { content, last: () => (state.watermark ? { watermark: state.watermark, rowCount: state.rowCount } : undefined) };
  }

  private async *lines(
    settings: TableSettings,
    from: Watermark | null,
    state: { watermark: Watermark | undefined; rowCount: number },
  ): AsyncGenerator<Buffer> {
    const client = new pg.Client({
      connectionString: this.urls[settings.connection]!,
      connectionTimeoutMillis: 10_000,
      statement_timeout: 300_000,
      application_name: 'bascule-ingestion',
    });
    try {
      await client.connect();
      await client.query("set timezone = 'UTC'");
      await client.query('begin transaction isolation level repeatable read read only');
      const { text, values } = newRowsQuery(settings, from, await typesOf(client, settings));
      await client.query({ text: `declare pulled no scroll cursor for ${text}`, values });
      for (;;) {
        const { rows } = await client.query<{ record: string; watermark: string; key: string }>(`fetch ${pageRows} from pulled`);
        const last = rows.at(-1);
        if (!last) break;
        state.watermark = { watermark: last.watermark, key: last.key };
        state.rowCount += rows.length;
        yield Buffer.from(rows.map(({ record }) => `${record}\n`).join(''));
      }
    } catch (error) {
      // the message of the server, never the connection text with its password
      throw sourceUnavailable({ connection: settings.connection }, (error as Error).message);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function typesOf(client: pg.Client, settings: TableSettings): Promise<PositionTypes> {
  const { schemaName, tableName, watermarkColumn, keyColumn } = settings;
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     join pg_class on pg_class.oid = attrelid join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = $1 and relname = $2 and attname = any($3) and attnum > 0 and not attisdropped`,
    [schemaName, tableName, [watermarkColumn, keyColumn]],
  );
  const typeOf = (column: string) => {
    const found = rows.find(({ name }) => name === column);
    if (!found) throw new Error(`there is no column ${column} in ${schemaName}.${tableName}`);
    return found.type;
  };
  return { watermark: typeOf(watermarkColumn), key: typeOf(keyColumn) };
}
