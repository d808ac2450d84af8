import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { default as formats } from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ColumnSample } from '../drafts/column-sample.js';
import { draftContract } from '../drafts/draft-contract.js';
import { checkDocument } from './check-document.js';
import { readDocument } from './read-document.js';

const folder = referencePath('vectors/odcs');
const missing = absent('vectors/odcs');
const birdstrikes = new URL('../../../../examples/birdstrikes/contract/birdstrikes.odcs.json', import.meta.url);

function read(text: string): object {
  const document = readDocument(text);
  if ('faults' in document) throw new Error(document.faults.join('; '));
  return document.value;
}

describe.skipIf(missing)(`the Open Data Contract Standard 3.1${missing}`, () => {
  const examples = missing ? [] : readdirSync(join(folder, 'examples'));
  const standard = () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true });
    formats.default(ajv);
    return ajv.compile(JSON.parse(readFileSync(join(folder, 'odcs-json-schema-v3.1.0.json'), 'utf8')) as object);
  };
  const faultsUnder = (isValid: ReturnType<typeof standard>, document: unknown) => (isValid(document) ? [] : isValid.errors);

  it('holds for its examples as they are read from YAML, and after they were written and read again', () => {
    const isValid = standard();
    for (const file of examples) {
      const document = read(readFileSync(join(folder, 'examples', file), 'utf8'));
      expect([file, faultsUnder(isValid, document)]).toEqual([file, []]);
      expect(read(stringify(document))).toEqual(document);
    }
    expect(examples.length).toBeGreaterThan(10);
  });

  it('holds for the contract of the example, and for drafts', () => {
    const isValid = standard();
    const sample = new ColumnSample();
    for (const value of ['A-1', 'A-2', 'A-3']) sample.add(value);
    const { contract: draft } = draftContract('x', { names: ['Claim No'], samples: [sample], recordCount: 3 });
    for (const document of [JSON.parse(readFileSync(birdstrikes, 'utf8')), draft]) expect(faultsUnder(isValid, document)).toEqual([]);
  });

  it('is taken where it describes one table of columns, and refused with the reason where it does not', () => {
    const checks = Object.fromEntries(
      examples.map((file) => [file, checkDocument(read(readFileSync(join(folder, 'examples', file), 'utf8')))] as const),
    );
    for (const [file, { isUsable, faults }] of Object.entries(checks)) expect([file, isUsable || faults.length > 0]).toEqual([file, true]);
    expect(checks['column-validity.odcs.yaml']).toMatchObject({ isUsable: true, columnCount: 1 });
    expect(checks['table-columns-with-partition.odcs.yaml']).toMatchObject({ isUsable: true, columnCount: 4 });
    expect(checks['all-schema-types.odcs.yaml']?.faults.join()).toContain('exactly one schema object');
    expect(checks['basic-four-dpo.odcs.yaml']?.faults.join()).toContain('exactly one schema object');
    expect(checks['column-custom.odcs.yaml']?.faults.join()).toContain('a column name');
  });
});

describe('a contract in YAML', () => {
  it('is the contract it would be in JSON', () => {
    const json = readFileSync(birdstrikes, 'utf8');
    expect(checkDocument(read(stringify(JSON.parse(json))))).toEqual(checkDocument(JSON.parse(json)));
  });

  it.each([
    ['a: [1', /line 1, column 6/],
    ['a: 1\na: 2', /unique/],
    ['- a', /a mapping/],
    ['a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\ne: &e [*d, *d]\nf: &f [*e, *e]\ng: [*f, *f, *f]', /alias/],
  ])('%j is refused with its place or reason', (text, reason) => expect(() => read(text)).toThrow(reason));
});
