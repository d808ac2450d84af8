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
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Reason {
  readonly code: ReasonCode;
  readonly field?: string;
  readonly message: string;
}

const shownLength = 80;

/** A value as it is shown in messages: quoted and cut. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const cut = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return typeof value === 'string' ? JSON.stringify(cut) : cut;
}
