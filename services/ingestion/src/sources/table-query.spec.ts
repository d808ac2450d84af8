import { describe, expect, it } from 'vitest';
import { tableSettings } from './sources.schema.js';
import { newRowsQuery, quoted } from './table-query.js';

const settings = tableSettings.parse({
  ...{ kind: 'postgres', connection: 'c', tableName: 'claims"; drop table x; --', watermarkColumn: 'changed at', keyColumn: 'id' },
  rowsPerBatch: 10,
});
const types = { watermark: 'timestamp with time zone', key: 'bigint' };

describe('the query for new rows', () => {
  it('escapes every name', () => {
    expect(quoted('a"b')).toBe('"a""b"');
    expect(newRowsQuery(settings, null, types).text).toContain('from "public"."claims""; drop table x; --" as source');
  });

  it('reads everything at first, then what lies behind the position, as parameters', () => {
    expect(newRowsQuery(settings, null, types)).toMatchObject({ values: [] });
    const { text, values } = newRowsQuery(settings, { watermark: '2001-02-03', key: '5' }, types);
    expect(text).toContain('(source."changed at", source."id") > ($1::timestamp with time zone, $2::bigint)');
    expect(values).toEqual(['2001-02-03', '5']);
  });

  it('leaves young rows for later where it is told to', () => {
    expect(newRowsQuery({ ...settings, lagSeconds: 30 }, null, types).text).toContain('<= now() - make_interval(secs => 30)');
  });
});
