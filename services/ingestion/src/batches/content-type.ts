import type { TableOptions } from '@bascule/tables';

/** The ways to send records: content type to what it tells about the content. What it does not tell is found out. */
const told: Readonly<Record<string, TableOptions>> = {
  'text/csv': { format: 'csv' },
  'text/tab-separated-values': { format: 'csv', delimiter: '\t' },
  'application/x-ndjson': { format: 'ndjson' },
  'application/jsonl': { format: 'ndjson' },
  'application/json': { isJson: true },
  'application/vnd.apache.parquet': { format: 'parquet' },
  'application/gzip': {},
  'application/zstd': {},
  'application/octet-stream': {},
};

export const contentTypes: readonly string[] = Object.keys(told);

/** The content type without its parameters; undefined when a batch cannot be sent so. */
export function contentTypeOf(header: string | undefined): string | undefined {
  const essence = header?.split(';')[0]?.trim().toLowerCase();
  return essence !== undefined && Object.hasOwn(told, essence) ? essence : undefined;
}

/** What a content type tells about how to read the content. */
export function optionsOf(contentType: string): TableOptions {
  return told[contentType] ?? {};
}

/** The character encoding a content type names, as far as it can be read. */
export function charsetOf(header: string | undefined): TableOptions['encoding'] {
  const charset = /;\s*charset\s*=\s*"?([\w-]+)"?/i.exec(header ?? '')?.[1]?.toLowerCase();
  const names: Record<string, NonNullable<TableOptions['encoding']>> = {
    'utf-8': 'utf-8',
    utf8: 'utf-8',
    'utf-16le': 'utf-16le',
    'utf-16be': 'utf-16be',
    'windows-1252': 'windows-1252',
    cp1252: 'windows-1252',
    'iso-8859-1': 'iso-8859-1',
    latin1: 'iso-8859-1',
  };
  return charset !== undefined && Object.hasOwn(names, charset) ? names[charset] : undefined;
}
