import { type ModelSignature, type TensorDatatype, type TensorSpec, tensorDatatype } from '@bascule/contracts';

const numericDatatypes = new Set<TensorDatatype>(tensorDatatype.options.filter((datatype) => datatype !== 'BYTES'));

/** Why a signature makes no sense by itself; empty when it does. */
export function signatureFaults(signature: ModelSignature): string[] {
  return [
    ...repeatedNames('input', signature.inputs),
    ...repeatedNames('output', signature.outputs),
    ...signature.inputs.flatMap(inputFaults),
    ...signature.inputs.flatMap(sizeFaults),
    ...signature.inputs.flatMap((spec) => columnFaults('input', spec)),
    ...signature.outputs.flatMap((spec) => columnFaults('output', spec)),
  ];
}

/** Why `candidate` cannot stand in for `champion`: clients send what the champion takes and read what it answers. Empty when it can. */
export function signatureDifferences(candidate: ModelSignature, champion: ModelSignature): string[] {
  const reasons: string[] = [];
  for (const wanted of champion.inputs) {
    const found = candidate.inputs.find(({ name }) => name === wanted.name);
    if (!found) reasons.push(`input ${wanted.name} is gone`);
    else reasons.push(...tensorDifferences('input', found, wanted));
  }
  for (const { name } of candidate.inputs) {
    if (!champion.inputs.some((input) => input.name === name)) reasons.push(`input ${name} is new: clients do not send it`);
  }
  for (const wanted of champion.outputs) {
    const found = candidate.outputs.find(({ name }) => name === wanted.name);
    if (!found) reasons.push(`output ${wanted.name} is gone`);
    else reasons.push(...tensorDifferences('output', found, wanted));
  }
  return reasons;
}

function inputFaults({ name, datatype, kind }: TensorSpec): string[] {
  const faults: string[] = [];
  if (kind === 'numeric' && !numericDatatypes.has(datatype)) faults.push(`input ${name} is called numeric but holds ${datatype}`);
  return faults;
}

const maxElements = 4_000_000;

// the probe makes such a request
function sizeFaults({ name, shape }: TensorSpec): string[] {
  const elements = shape.reduce((product, size) => product * Math.max(1, size), 1);
  return elements > maxElements ? [`input ${name} has ${elements} elements in one request, at most ${maxElements} are tried`] : [];
}

// clients that send records by name rely on both
function columnFaults(what: string, { name, shape, columns }: TensorSpec): string[] {
  if (!columns) return [];
  const width = shape.at(-1);
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index);
  return [
    ...(shape.length < 2 || (width !== -1 && width !== columns.length)
      ? [`${what} ${name} names ${columns.length} columns, its shape is [${shape.join(',')}]`]
      : []),
    ...(repeated === undefined ? [] : [`${what} ${name} names the column ${repeated} twice`]),
  ];
}

function repeatedNames(what: string, tensors: readonly TensorSpec[]): string[] {
  const names = tensors.map(({ name }) => name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) => `${what} ${name} is named twice`);
}

function tensorDifferences(what: string, found: TensorSpec, wanted: TensorSpec): string[] {
  const reasons: string[] = [];
  if (found.datatype !== wanted.datatype) reasons.push(`${what} ${wanted.name} is ${found.datatype}, was ${wanted.datatype}`);
  if (!isWithin(wanted.shape, found.shape)) {
    reasons.push(`${what} ${wanted.name} has shape [${found.shape.join(',')}], was [${wanted.shape.join(',')}]`);
  }
  return reasons;
}

// an axis of any length takes what a fixed one took
function isWithin(wanted: readonly number[], found: readonly number[]): boolean {
  return wanted.length === found.length && wanted.every((size, axis) => found[axis] === size || found[axis] === -1);
}
