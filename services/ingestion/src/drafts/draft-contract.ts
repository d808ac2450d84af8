import type { ColumnSample, SampledType } from './column-sample.js';
import type { WrittenForm } from './written-form.js';

const mostCategories = 50;

/** A sampled table. */
export interface SampledTable {
  readonly names: readonly string[];
  readonly samples: readonly ColumnSample[];
  readonly recordCount: number;
  /** False when there were more records than were looked at. */
  readonly isWhole: boolean;
}

/** A draft for a person to edit, and what that person should look at. */
export interface ContractDraft {
  readonly contract: Record<string, unknown>;
  readonly notes: readonly string[];
}

/** Drafts a data contract (ODCS 3.1) from a sample: types, formats, ranges, categories, key and null rates as they were found. */
export function draftContract(name: string, { names, samples, recordCount, isWhole }: SampledTable): ContractDraft {
  const notes: string[] = [];
  if (!isWhole)
    notes.push(
      `only the first ${recordCount} records were looked at: those after them may lie outside the ranges and categories drafted here; where the records are sorted, draft from some of all parts`,
    );
  const columnNames = distinctColumnNames(names);
  const types = samples.map((sample) => sample.type());
  const forms = samples.map((sample, at) => (types[at]!.type === 'string' ? sample.writtenForm() : undefined));
  const key = samples.findIndex(
    (sample, at) => !forms[at] && sample.isUnique() && (types[at]!.type === 'string' || types[at]!.type === 'integer'),
  );
  const time = types.findIndex(
    ({ type }, at) => (type === 'timestamp' || type === 'date') && samples[at]!.missing + samples[at]!.tokenCount === 0,
  );
  const properties = samples.map((sample, at) => {
    const column = columnNames[at]!;
    const { type, exceptions } = types[at]!;
    if (exceptions > 0) notes.push(`${column}: ${exceptions} of ${recordCount} values are no ${type} and would be quarantined`);
    const role = at === key ? 'id' : at === time ? 'time' : undefined;
    const form = forms[at];
    if (form?.question !== undefined) notes.push(`${column}: ${form.question}`);
    return form ? writtenPropertyOf(column, names[at]!, sample, form) : propertyOf(column, names[at]!, sample, type, role);
  });
  if (key < 0) notes.push('no column is unique: name a primary key, or uniqueTogether');
  if (time < 0) notes.push('no column says when a record happened: records count as happened when they were received');
  notes.push('no column has the role label or feature: say which the model learns');
  const contract = {
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: `urn:bascule:contract:${name}`, name, version: '0.1.0', status: 'draft' },
    schema: [{ name, properties }],
  };
  return { contract, notes };
}

function propertyOf(name: string, physicalName: string, sample: ColumnSample, type: SampledType, role: string | undefined) {
  const usesTokens = type !== 'string' && sample.tokens.size > 0;
  const missing = sample.missing + (usesTokens ? sample.tokenCount : 0);
  const categories = type === 'string' ? sample.categories(mostCategories) : undefined;
  const custom = [
    ...(role ? [{ property: 'role', value: role }] : []),
    ...(usesTokens ? [{ property: 'missingValues', value: [...sample.tokens.keys()].sort() }] : []),
  ];
  const quality = [
    ...(categories ? [{ type: 'library', metric: 'invalidValues', mustBe: 0, arguments: { validValues: categories } }] : []),
    ...(missing > 0 && missing < sample.count
      ? [{ type: 'library', metric: 'nullValues', unit: 'percent', mustBeLessOrEqualTo: roomFor((100 * missing) / sample.count) }]
      : []),
  ];
  // numbers that name records go on where the sample ends
  const isNumbered = role === 'id' && type !== 'string';
  const options = categories || isNumbered ? {} : limitsOf(sample, type);
  return {
    name,
    ...(physicalName === name ? {} : { physicalName }),
    logicalType: type,
    ...(missing === 0 ? { required: true } : {}),
    ...(role === 'id' ? { primaryKey: true } : {}),
    ...(Object.keys(options).length > 0 ? { logicalTypeOptions: options } : {}),
    ...(quality.length > 0 ? { quality } : {}),
    ...(custom.length > 0 ? { customProperties: custom } : {}),
  };
}

/** A column whose texts have to be repaired to be what they mean; its range is left to whoever edits the draft. */
function writtenPropertyOf(name: string, physicalName: string, sample: ColumnSample, { type, repairs }: WrittenForm) {
  const tokens = [...sample.tokens.keys()].sort();
  const custom = [{ property: 'repairs', value: repairs }, ...(tokens.length > 0 ? [{ property: 'missingValues', value: tokens }] : [])];
  return {
    name,
    ...(physicalName === name ? {} : { physicalName }),
    logicalType: type,
    ...(sample.missing + sample.tokenCount === 0 ? { required: true } : {}),
    customProperties: custom,
  };
}

function limitsOf(sample: ColumnSample, type: SampledType): Record<string, number | string> {
  if (type === 'boolean') return {};
  if (type === 'string') {
    const [minLength, maxLength] = sample.lengths();
    if (maxLength === 0) return {};
    const pattern = sample.pattern();
    return pattern === undefined ? { minLength, maxLength } : { pattern };
  }
  const range = sample.range(type);
  if (!range) return {};
  if (type === 'integer' || type === 'number') return { minimum: range[0], maximum: range[1] };
  return { minimum: new Date(range[0]).toISOString() };
}

/** A bound with room above what was measured, in whole percent. */
function roomFor(percent: number): number {
  return Math.min(100, Math.ceil(percent * 1.5) + 1);
}

/** Names as contracts write them: lower case, digits and underscores, each once. */
function distinctColumnNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, at) => {
    const plain = name
      .replaceAll('ß', 'ss')
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]/g, '')
      .replace(/([a-z\d])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[^a-z\d]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 55);
    const stem = /^[a-z]/.test(plain) ? plain : `column_${plain === '' ? at + 1 : plain}`;
    let distinct = stem;
    for (let n = 2; taken.has(distinct); n++) distinct = `${stem}_${n}`;
    taken.add(distinct);
    return distinct;
  });
}
