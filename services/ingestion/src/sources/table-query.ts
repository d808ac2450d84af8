import type { TableSettings, Watermark } from './sources.schema.js';

/** A name as part of SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Types of the columns that say where reading goes on, as PostgreSQL writes them. */
export interface PositionTypes {
  readonly watermark: string;
  readonly key: string;
}

/**
 * The query for rows behind a position, oldest first: each as JSON text, with its own position.
 * The position is compared as a pair, so that rows with the same watermark are neither skipped nor read twice.
 */
export function newRowsQuery(settings: TableSettings, from: Watermark | null, types: PositionTypes): { text: string; values: unknown[] } {
  const { schemaName, tableName, watermarkColumn, keyColumn, lagSeconds, rowsPerBatch } = settings;
  const [watermark, key] = [`source.${quoted(watermarkColumn)}`, `source.${quoted(keyColumn)}`];
  const conditions = [`${watermark} is not null`];
  const values: unknown[] = [];
  if (from) {
    conditions.push(`(${watermark}, ${key}) > ($1::${types.watermark}, $2::${types.key})`);
    values.push(from.watermark, from.key);
  }
  if (lagSeconds > 0) conditions.push(`${watermark} <= now() - make_interval(secs => ${Number(lagSeconds)})`);
  const text = `select row_to_json(source)::text as record, ${watermark}::text as watermark, ${key}::text as key
    from ${quoted(schemaName)}.${quoted(tableName)} as source
    where ${conditions.join(' and ')} order by ${watermark}, ${key} limit ${Number(rowsPerBatch)}`;
  return { text, values };
}
