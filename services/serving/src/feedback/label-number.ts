import type { RoutingEntry } from '@bascule/contracts';

/** Names of a model's classes by position, from the version that answers most; empty when its signature names none. */
export function classNamesOf(entry: RoutingEntry | undefined): readonly string[] {
  const [leading] = [...(entry?.versions ?? [])].sort((a, b) => b.percent - a.percent);
  const outputs = leading?.signature.outputs ?? [];
  return outputs.find(({ classes }) => classes)?.classes ?? outputs.find(({ columns }) => columns)?.columns ?? [];
}

/** A label as the number that is kept: a class by its name is its position. Undefined when it is neither a number nor a class. */
export function labelNumber(label: number | string | boolean, classes: readonly string[]): number | undefined {
  if (typeof label === 'number') return label;
  const position = classes.indexOf(String(label));
  if (position !== -1) return position;
  if (typeof label === 'boolean') return Number(label);
  const isNumber = label.length <= 40 && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(label);
  return isNumber && Number.isFinite(Number(label)) ? Number(label) : undefined;
}
