import { defineError } from '@bascule/platform';

export const tableUnreadable = defineError({
  code: 'tables.unreadable',
  kind: 'unprocessable',
  title: 'The content cannot be read as a table',
  remedy:
    'Send CSV, TSV, newline-delimited JSON, a JSON array or Parquet, and name the format, encoding or delimiter where they are not recognised.',
});

export const unpacksTooLarge = defineError({
  code: 'tables.unpacks_too_large',
  kind: 'unprocessable',
  title: 'The compressed content grows beyond what is allowed',
  remedy: 'Send the content uncompressed, or in several files.',
});

export const tooManyColumns = defineError({
  code: 'tables.too_many_columns',
  kind: 'unprocessable',
  title: 'The table has too many columns',
  remedy: 'Send fewer columns, or name the delimiter where it was recognised wrongly.',
});
