import { quoted } from '../inference/client-text.js';
import { elementCount } from '../inference/tensor.js';
import { type Cell, type CellFault, isCellFault, missingCell, readCell } from './cell.js';
import type { FeaturePlan, PlannedInput } from './feature-plan.js';

/** One fault of a record, with the path to the value below the record. */
export interface RecordFault extends CellFault {
  readonly path: string;
}

/** How a request wants its records read. */
export interface ReadingRules {
  /** What a feature is that a record does not name: a fault, or missing as if it were null. */
  readonly absentFeatures: 'refuse' | 'missing';
  readonly unknownFeatures: 'refuse' | 'ignore';
  /** What to do with a value that the contract of the training data does not allow; told with the answer when absent. */
  readonly outsideContract?: 'warn' | 'refuse' | undefined;
}

/** One input's part of a record. */
export interface ReadInput {
  readonly rowShape: readonly number[];
  readonly cells: readonly Cell[];
}

export type ReadFeatures = { readonly inputs: readonly ReadInput[] } | { readonly inputs?: undefined; readonly faults: RecordFault[] };

/** Faults of one record that are told. */
export const maxFaults = 100;

type Named = Readonly<Record<string, unknown>>;

/** Reads the features of one record in the order of the model's inputs, or says everything that is wrong with them. */
export function readFeatures(json: unknown, plan: FeaturePlan, rules: ReadingRules): ReadFeatures {
  const { soleList } = plan;
  if (Array.isArray(json) && soleList) return listed(soleList, readList(soleList, json, 'features'));
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    const wanted = soleList ? 'an object of features by name, or a list' : 'an object of features by name';
    return { faults: [{ path: 'features', reason: 'wrong_type', message: `features must be ${wanted}` }] };
  }
  const record = json as Named;
  const faults: RecordFault[] = [];
  const inputs: ReadInput[] = [];
  for (const input of plan.inputs) {
    const read = input.features && !isListFor(input, record) ? readNamed(input, record, rules) : readWhole(input, record);
    if ('faults' in read) faults.push(...read.faults);
    else inputs.push(read);
  }
  if (rules.unknownFeatures === 'refuse') {
    for (const name of Object.keys(record)) {
      if (faults.length >= maxFaults) break;
      if (!plan.names.has(name)) faults.push(unknownFeature(name));
    }
  }
  return faults.length > 0 ? { faults } : { inputs };
}

// a wide input whose columns have names may still come as a list under its own name
function isListFor({ name, features }: PlannedInput, record: Named): boolean {
  return features?.[0] !== name && Object.hasOwn(record, name);
}

function readNamed({ features = [], datatype, rowShape }: PlannedInput, record: Named, rules: ReadingRules) {
  const faults: RecordFault[] = [];
  const cells: Cell[] = [];
  for (const name of features) {
    const read = readNamedCell(name, datatype, record, rules);
    if (isCellFault(read)) faults.push({ path: featurePath(name), ...read });
    else cells.push(read);
  }
  return faults.length > 0 ? { faults } : { rowShape, cells };
}

function readNamedCell(name: string, datatype: PlannedInput['datatype'], record: Named, rules: ReadingRules): Cell | CellFault {
  const isThere = Object.hasOwn(record, name);
  const value = isThere ? record[name] : null;
  if (!isThere && rules.absentFeatures === 'refuse') {
    return { reason: 'missing_feature', message: 'the record does not have this feature; send null when it is known to be missing' };
  }
  if (value === null) return missingCell(datatype) ?? cannotMiss(datatype);
  // an empty cell, as tables write what is missing
  if (value === '' && missingCell(datatype) === undefined) return cannotMiss(datatype);
  return readCell(datatype, value);
}

function cannotMiss(datatype: PlannedInput['datatype']): CellFault {
  return { reason: 'missing_feature', message: `a feature of ${datatype} cannot be missing` };
}

function readWhole(input: PlannedInput, record: Named) {
  const path = featurePath(input.name);
  if (!Object.hasOwn(record, input.name)) {
    return { faults: [{ path, reason: 'missing_feature' as const, message: 'the record does not have this feature' }] };
  }
  const value = record[input.name];
  if (!Array.isArray(value)) return { faults: [{ path, reason: 'wrong_type' as const, message: 'this feature is a list' }] };
  return readList(input, value, path);
}

function listed(_input: PlannedInput, read: ReadInput | { faults: RecordFault[] }): ReadFeatures {
  return 'faults' in read ? read : { inputs: [read] };
}

function readList({ datatype, rowShape }: PlannedInput, list: readonly unknown[], path: string): ReadInput | { faults: RecordFault[] } {
  const leaves: unknown[] = [];
  const found = nestedShape(list, leaves);
  const shape = found && fitted(found, rowShape);
  if (!shape) {
    const has = found ? `[${found.join(', ')}]` : 'rows of unequal length';
    return { faults: [{ path, reason: 'wrong_type', message: `the list has ${has}, the model takes [${rowShape.join(', ')}]` }] };
  }
  const faults: RecordFault[] = [];
  const cells = leaves.map((leaf, index) => {
    const read = leaf === null ? (missingCell(datatype) ?? cannotMiss(datatype)) : readCell(datatype, leaf);
    if (!isCellFault(read)) return read;
    // one fault tells enough about a list of thousands
    if (faults.length === 0) faults.push({ path: `${path}[${index}]`, ...read });
    return 0;
  });
  return faults.length > 0 ? { faults } : { rowShape: shape, cells };
}

/** Lengths of nested lists, which must be even; their leaves are appended. */
function nestedShape(list: readonly unknown[], leaves: unknown[]): number[] | undefined {
  if (!list.some(Array.isArray)) {
    for (const leaf of list) leaves.push(leaf);
    return [list.length];
  }
  let inner: number[] | undefined;
  for (const part of list) {
    const shape = Array.isArray(part) ? nestedShape(part, leaves) : undefined;
    if (!shape || (inner && inner.join() !== shape.join())) return undefined;
    inner = shape;
  }
  return [list.length, ...(inner ?? [])];
}

/** The axes of the list as the model takes them: nested alike, or flat with at most one axis of any length. */
function fitted(found: readonly number[], wanted: readonly number[]): readonly number[] | undefined {
  if (found.length === wanted.length && wanted.every((length, axis) => length === -1 || length === found[axis])) return found;
  if (found.length !== 1) return undefined;
  const [count = 0] = found;
  const known = elementCount(wanted.filter((length) => length !== -1));
  const open = wanted.filter((length) => length === -1).length;
  if (open === 0) return count === known ? wanted : undefined;
  if (open > 1 || known === 0 || count % known !== 0) return undefined;
  return wanted.map((length) => (length === -1 ? count / known : length));
}

function unknownFeature(name: string): RecordFault {
  return { path: featurePath(name), reason: 'unknown_feature', message: 'the model does not have this feature' };
}

/** Where a feature stands in a record. */
export function featurePath(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_-]{0,99}$/u.test(name) ? `features.${name}` : `features[${quoted(name)}]`;
}
