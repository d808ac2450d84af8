import type { Value } from '@bascule/proto';

/** The probability of each class in an answer; undefined when it has none. */
export function probabilitiesOf(outputNames: readonly string[], outputs: readonly Value[]): readonly number[] | undefined {
  const named = outputNames.findIndex((name) => /^prob|score/i.test(name));
  const value = outputs[named === -1 ? outputs.length - 1 : named];
  return value?.kind.case === 'numbers' ? value.kind.value.values : undefined;
}

/** The number in an answer; undefined when it has none. */
export function answeredNumber(outputNames: readonly string[], outputs: readonly Value[]): number | undefined {
  const named = outputNames.indexOf('value');
  const kind = outputs[named === -1 ? 0 : named]?.kind;
  if (kind?.case === 'number') return kind.value;
  if (kind?.case === 'integer') return Number(kind.value);
  return kind?.case === 'numbers' ? kind.value.values[0] : undefined;
}
