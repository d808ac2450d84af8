/** Why a record was not accepted. */
export const reasonCodes = [
  'missing_required',
  'wrong_type',
  'not_allowed_value',
  'out_of_range',
  'pattern',
  'wrong_length',
  'duplicate_key',
  'duplicate_row',
  'unparsable_row',
  'unknown_column',
  'unstorable_text',
  'ambiguous_value',
  'condition_failed',
  'unknown_reference',
  'near_duplicate',
  'oversize_field',
  'control_character',
  'invisible_character',
  'mixed_script',
  'formula',
  'prototype_key',
  'far_outlier',
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Reason {
  readonly code: ReasonCode;
  readonly field?: string;
  readonly message: string;
  /** The value as it was sent, cut to a length that people read. */
  readonly value?: string;
  /** What the contract expects in its place. */
  readonly expectation?: string;
}

const shownLength = 80;

/** A value as it is shown in messages: quoted and cut. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const cut = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return typeof value === 'string' ? JSON.stringify(cut) : cut;
}
