import type { RoutingEntry } from '@bascule/contracts';
import { answerPlan } from '../records/answer-plan.js';

/** What is known about the classes of a model. */
export interface KnownClasses {
  /** By position; empty when no signature names them. */
  readonly names: readonly string[];
  /** Undefined for a regressor, and where a version in use does not tell. */
  readonly count: number | undefined;
}

/** Names of the classes from the version that answers most; their number from all that answer. */
export function classesOf(entry: RoutingEntry | undefined): KnownClasses {
  const versions = [...(entry?.versions ?? [])].sort((a, b) => b.percent - a.percent);
  const outputs = versions[0]?.signature.outputs ?? [];
  const names = outputs.find(({ classes }) => classes)?.classes ?? outputs.find(({ columns }) => columns)?.columns ?? [];
  const counts = versions.map(({ signature }) => {
    const plan = answerPlan(signature);
    const length = plan.outputs[plan.probabilities ?? -1]?.shape.at(-1) ?? 0;
    return Math.max(length, plan.classes?.length ?? 0) || undefined;
  });
  const known = counts.filter((count) => count !== undefined);
  return { names, count: known.length > 0 && known.length === counts.length ? Math.max(...known) : undefined };
}

/** A label as the number that is kept: a class by its name is its position. Undefined when it is neither a number nor a class. */
export function labelNumber(label: number | string | boolean, { names, count }: KnownClasses): number | undefined {
  const value = typeof label === 'number' ? label : undefined;
  if (value !== undefined && isPossible(value, count)) return value;
  const position = names.indexOf(String(label));
  if (position !== -1) return position;
  if (typeof label === 'number') return undefined;
  const number = typeof label === 'boolean' ? Number(label) : numberIn(label);
  return number !== undefined && isPossible(number, count) ? number : undefined;
}

function isPossible(value: number, count: number | undefined): boolean {
  return count === undefined || (Number.isInteger(value) && value >= 0 && value < count);
}

function numberIn(text: string): number | undefined {
  const isNumber = text.length <= 40 && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : undefined;
}
