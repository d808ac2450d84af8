import { otherKindOf } from './file-kind.js';
import { GraphInspection } from './graph-inspection.js';
import { fieldsOf, textOf } from './onnx-fields.js';
import { domainOf, irRange, opsetRanges } from './operators.js';

/** What a model file says of itself. */
export interface FileFacts {
  readonly irVersion: number;
  /** Domain to version; the unnamed domain is `ai.onnx`. */
  readonly opsets: Record<string, number>;
  readonly operators: string[];
  readonly producer: string;
}
export interface FileInspection {
  readonly faults: string[];
  /** There when nothing is wrong. */
  readonly facts?: FileFacts;
}

// ModelProto; anything else on the outer level is another kind of file
const modelFields = new Set([1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26]);

/** Reads a model file from outside: what it is, what it needs, and whether its graph hangs together. Runs nothing. */
export function inspectFile(file: Uint8Array): FileInspection {
  const other = otherKindOf(file);
  if (other) return { faults: [`the artifact is ${other}`] };
  try {
    return inspectModel(file);
  } catch {
    return { faults: ['the artifact is not an ONNX file, or only a part of one'] };
  }
}

function inspectModel(file: Uint8Array): FileInspection {
  const graphs: Uint8Array[] = [];
  const functions: Uint8Array[] = [];
  const opsets = new Map<string, number>();
  let irVersion: number | undefined;
  let producer = '';
  for (const { number, bytes, integer } of fieldsOf(file)) {
    if (!modelFields.has(number)) return { faults: ['the artifact is not an ONNX file'] };
    if (number === 1) irVersion = Number(integer);
    else if (number === 2 || number === 3) producer = `${producer} ${textOf(bytes)}`.trim();
    else if (number === 7 && bytes) graphs.push(bytes);
    else if (number === 8 && bytes) opsets.set(...opsetOf(bytes));
    else if (number === 25 && bytes) functions.push(bytes);
  }
  const inspection = new GraphInspection(new Set(functions.map(functionName)));
  for (const fault of versionFaults(irVersion, opsets)) inspection.note(fault);
  if (graphs.length !== 1 || graphs[0]!.length === 0) inspection.note('the artifact holds no graph');
  else inspection.inspect(graphs[0]!);
  for (const body of functions) inspection.inspectFunction(body);
  const faults = [...inspection.faults];
  if (faults.length > 0 || irVersion === undefined) return { faults };
  const named = Object.fromEntries([...opsets].map(([domain, version]) => [domain === '' ? 'ai.onnx' : domain, version]));
  return { faults, facts: { irVersion, opsets: named, operators: [...inspection.operators].sort(), producer: producer.slice(0, 200) } };
}

function versionFaults(irVersion: number | undefined, opsets: ReadonlyMap<string, number>): string[] {
  const faults: string[] = [];
  if (irVersion === undefined) faults.push('the artifact names no ONNX version');
  else if (irVersion < irRange.from || irVersion > irRange.to) {
    faults.push(`IR version ${irVersion} is not between ${irRange.from} and ${irRange.to}`);
  }
  for (const [domain, version] of opsets) {
    const range = opsetRanges[domain];
    // a set of another domain does no harm until a node uses it
    if (range && (version < range.from || version > range.to)) {
      faults.push(`opset ${version} of ${domain || 'ai.onnx'} is not between ${range.from} and ${range.to}`);
    }
  }
  return faults;
}

function opsetOf(bytes: Uint8Array): [string, number] {
  let domain = '';
  let version = 0;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) domain = domainOf(textOf(field.bytes));
    else if (field.number === 2) version = Number(field.integer);
  }
  return [domain, version];
}

function functionName(body: Uint8Array): string {
  let name = '';
  let domain = '';
  for (const { number, bytes } of fieldsOf(body)) {
    if (number === 1) name = textOf(bytes);
    else if (number === 10) domain = domainOf(textOf(bytes));
  }
  return `${domain}:${name}`;
}
