import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as formats } from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { type BatchFacts, runEventsOf } from './open-lineage.js';

const vectors = referencePath('vectors/openlineage');
const missing = absent('vectors/openlineage');

const report = {
  ...{ recordCount: 10, acceptedCount: 7, quarantinedCount: 3, duplicateCount: 1, notes: [], rejection: [] as string[] },
  reasons: { out_of_range: 2, duplicate_key: 1 },
  missing: { claim: 0, speed: 4 },
  expectations: [{ text: 'rowCount of claims mustBeGreaterThan 5 rows', measured: 10, holds: true }],
  findings: [
    {
      ...({ kind: 'completeness_drop', field: 'speed', severity: 'warning', message: 'less speed than before' } as const),
      ...{ measured: 0.4, expected: 0.1, threshold: 0.12 },
    },
  ],
};
const batch: BatchFacts = {
  ...{ id: '0190c7a6-0000-7000-8000-000000000001', datasetName: 'claims', contractName: 'claims', contractVersion: 1 },
  ...{ contentDigest: 'c'.repeat(64), sizeBytes: 1234, status: 'validated', report, datasetVersion: 'd'.repeat(64) },
  ...{ receivedAt: new Date('2026-01-01T00:00:00Z'), decidedAt: new Date('2026-01-01T00:00:05Z'), maxQuarantinedPercent: 20 },
  columns: [
    { name: 'claim', type: 'string' },
    { name: 'speed', type: 'number' },
  ],
  partBytes: 567,
};
const rejected: BatchFacts = {
  ...batch,
  status: 'rejected',
  datasetVersion: null,
  report: { ...report, acceptedCount: 0, rejection: ['too many records miss the contract'] },
};
const received: BatchFacts = { ...batch, status: 'received', report: null, datasetVersion: null, decidedAt: null };

it('tells start and end of a decided batch, and only the start of one that waits', () => {
  const types = (facts: BatchFacts) => runEventsOf(facts).map(({ eventType }) => eventType);
  expect([types(received), types(batch), types(rejected)]).toEqual([['START'], ['START', 'COMPLETE'], ['START', 'FAIL']]);
});

it('carries the verdict as data quality facets', () => {
  const [, end] = runEventsOf(batch) as { inputs: [{ inputFacets: Record<string, unknown> }] }[];
  expect(end!.inputs[0].inputFacets).toMatchObject({
    dataQualityMetrics: { rowCount: 10, columnMetrics: { speed: { nullCount: 4, count: 6 } } },
    dataQualityAssertions: {
      assertions: [
        { assertion: 'quarantined_percent', success: true, actual: '20' },
        { success: true },
        { success: false, severity: 'warn', column: 'speed' },
      ],
    },
  });
});

describe.skipIf(missing)(`against the published schemas${missing}`, () => {
  function schemas(): Ajv2020 {
    const ajv = new Ajv2020({ strict: false });
    formats.default(ajv);
    const files = ['OpenLineage.json', ...readdirSync(join(vectors, 'facets')).map((name) => join('facets', name))];
    for (const file of files) ajv.addSchema(JSON.parse(readFileSync(join(vectors, file), 'utf8')) as object);
    return ajv;
  }

  const valid = (ajv: Ajv2020, id: string, data: unknown) => {
    const validate = ajv.getSchema(id);
    if (!validate) throw new Error(`there is no schema ${id}`);
    return validate(data) ? [] : validate.errors;
  };

  it.each([
    ['received', received],
    ['validated', batch],
    ['rejected', rejected],
  ])('the events of a %s batch hold, every facet by the schema it names', (_what, facts) => {
    const ajv = schemas();
    for (const event of runEventsOf(facts)) {
      expect(valid(ajv, event['schemaURL'] as string, event)).toEqual([]);
      const facets: { _schemaURL: string }[] = [];
      JSON.stringify(event, (_key, value: unknown) => {
        if (typeof value === 'object' && value !== null && '_schemaURL' in value) facets.push(value as { _schemaURL: string });
        return value;
      });
      expect(facets.length).toBeGreaterThan(1);
      for (const facet of facets) expect([facet._schemaURL, valid(ajv, facet._schemaURL, facet)]).toEqual([facet._schemaURL, []]);
    }
  });

  it('an event without its job does not', () => {
    const [{ job: _, ...event }] = runEventsOf(batch) as [Record<string, unknown>];
    expect(valid(schemas(), event['schemaURL'] as string, event)).not.toEqual([]);
  });
});
