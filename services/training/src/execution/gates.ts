import type { PairedComparison } from '@bascule/contracts';
import type { Gate } from '../pipelines/gates.schema.js';

export interface Judged {
  readonly metrics: Readonly<Record<string, number>>;
  /** There when there is a champion that could be compared. */
  readonly comparison?: PairedComparison | undefined;
  readonly hasChampion: boolean;
}

/** Why a model does not pass the gates of its pipeline; empty when it does. */
export function gateFaults(gates: readonly Gate[], judged: Judged): string[] {
  return gates.flatMap((gate) => ('metric' in gate ? boundFaults(gate, judged) : championFaults(gate, judged)));
}

function boundFaults({ metric, min, max }: Extract<Gate, { metric: string }>, { metrics }: Judged): string[] {
  const value = metrics[metric];
  if (value === undefined) return [`gate: there is no metric ${metric}; there are ${Object.keys(metrics).sort().join(', ')}`];
  if (min !== undefined && !(value >= min)) return [`gate: ${metric} is ${Number(value.toPrecision(6))}, below ${min}`];
  if (max !== undefined && !(value <= max)) return [`gate: ${metric} is ${Number(value.toPrecision(6))}, above ${max}`];
  return [];
}

function championFaults({ champion }: Extract<Gate, { champion: string }>, { comparison, hasChampion }: Judged): string[] {
  if (!hasChampion) return [];
  if (!comparison) return ['gate: the champion could not be compared on the same rows'];
  const { verdict, metric, difference, interval, rowCount } = comparison;
  const isMet = verdict === 'better' || (champion === 'not-worse' && verdict === 'no-difference');
  if (isMet) return [];
  const [low, high] = interval.map((bound) => bound.toPrecision(3));
  const figures = `${metric} differs by ${difference.toPrecision(3)} (95 %: ${low} to ${high}) on ${rowCount} rows`;
  return [`gate: beside the champion the verdict is ${verdict}, ${champion} is asked for: ${figures}`];
}
