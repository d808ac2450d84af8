import { tensorDatatype } from '@bascule/contracts';
import type { BasculeError } from '@bascule/platform';
import { invalidInference, tensorLimitExceeded } from '../errors.js';
import { quoted } from './client-text.js';
import { elementCount } from './tensor.js';

/** What a request may ask for at most; checked before anything is allocated for it. */
export const inferenceLimits = {
  tensors: 4_096,
  nameLength: 1_000,
  rank: 16,
  elements: 64_000_000,
  /** Written as text in one answer. */
  textElements: 1_000_000,
  rows: 65_536,
  parameters: 256,
  jsonDepth: 32,
} as const;

/** Why a request is refused; beyond a limit it has an error code of its own. */
export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  readonly isOverLimit?: boolean;
}
export type Parsed<T> = { readonly ok: true; readonly value: T } | Refusal;

/** Refuses a request that has not the form of the protocol, or does not fit the model. */
export function refuse(reason: string): Refusal {
  return { ok: false, reason };
}

/** Refuses a request that is beyond a limit. */
export function refuseLimit(reason: string): Refusal {
  return { ok: false, reason, isOverLimit: true };
}

/** The error a refusal is answered with. */
export function refusalError({ reason, isOverLimit }: Refusal): BasculeError {
  return isOverLimit ? tensorLimitExceeded({}, reason) : invalidInference({}, reason);
}

const datatypes = new Set<string>(tensorDatatype.options);

/** Refuses too many inputs or requested outputs. */
export function countFault(called: string, count: number): Refusal | undefined {
  return count > inferenceLimits.tensors
    ? refuseLimit(`${called} has ${count} tensors, at most ${inferenceLimits.tensors} are taken`)
    : undefined;
}

/** Refuses names that are too long to be looked up, told or captured. */
export function nameFault(where: string, name: string): Refusal | undefined {
  const { nameLength } = inferenceLimits;
  return name.length > nameLength
    ? refuseLimit(`${where} has a name of ${name.length} characters, at most ${nameLength} are taken`)
    : undefined;
}

/** Checks datatype and shape of an input before anything is allocated for it. */
export function headerFault(called: string, datatype: unknown, shape: unknown): Refusal | undefined {
  if (typeof datatype !== 'string' || !datatypes.has(datatype)) {
    return refuse(`${called}: datatype must be one of ${[...datatypes].join(', ')}`);
  }
  if (datatype === 'BF16') return refuse(`${called}: the runtime does not carry BF16; send FP32 to a model that takes it`);
  if (!Array.isArray(shape)) return refuse(`${called}: shape must be a list of lengths from 0`);
  const { rank, elements } = inferenceLimits;
  if (shape.length > rank) return refuseLimit(`${called}: shape has more than ${rank} axes`);
  for (const length of shape) {
    if ((typeof length === 'bigint' || Number.isInteger(length)) && length > elements) {
      return refuseLimit(`${called}: shape has an axis of ${length}, at most ${elements} are taken`);
    }
    if (!Number.isInteger(length) || length < 0) return refuse(`${called}: shape must be a list of lengths from 0`);
  }
  // no axis is beyond the limit, so that the product of at most sixteen stays finite
  if (elementCount(shape) <= elements) return undefined;
  return refuseLimit(`${called}: shape [${shape.join(', ')}] has more than ${elements} elements`);
}

/** `input "x"`, as refusals call it. */
export function inputCalled(name: string): string {
  return `input ${quoted(name)}`;
}
