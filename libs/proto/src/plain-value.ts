import type { Value } from './generated/prediction/v1/prediction_pb.js';

export type Plain = number | string | boolean | null;

/** A value as JSON shows it. What JSON has no number for is written as text: null means that nothing was there. */
export function plainOf(value: Value | undefined): Plain | Plain[] {
  const kind = value?.kind;
  switch (kind?.case) {
    case 'number':
      return plainNumber(kind.value);
    case 'integer': {
      const number = Number(kind.value);
      return Number.isSafeInteger(number) ? number : kind.value.toString();
    }
    case 'numbers':
      return kind.value.values.map(plainNumber);
    case 'text':
    case 'flag':
      return kind.value;
    default:
      return null;
  }
}

/** Named values as one JSON object; a value without a name is called by its position. */
export function plainColumns(names: readonly string[], values: readonly Value[]): Record<string, Plain | Plain[]> {
  return Object.fromEntries(values.map((value, i) => [names[i] ?? `column ${i}`, plainOf(value)]));
}

/** JSON has no NaN and no infinities; they are written as text. */
export function plainNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
