/** What runs are looked up by: numbers they reached, parameters they had, tags people gave them. */
export const valueKinds = ['metric', 'param', 'tag'] as const;
export type ValueKind = (typeof valueKinds)[number];

const operators = ['<=', '>=', '!=', '=', '<', '>'] as const;
export type Operator = (typeof operators)[number];

export interface RunFilter {
  readonly kind: ValueKind;
  readonly name: string;
  readonly operator: Operator;
  /** A number where what follows the operator reads as one. */
  readonly value: number | string;
}

export interface RunOrder {
  readonly kind: 'metric' | 'param';
  readonly name: string;
  readonly isDescending: boolean;
}

const shape = /^(metric|param|tag)\.(.{1,100}?)(<=|>=|!=|=|<|>)(.*)$/s;

/** Reads `metric.auc>=0.8`, `param.trainer=prior` or `tag.team=claims`; undefined when it is none of these. */
export function parseFilter(text: string): RunFilter | undefined {
  const [, kind, name, operator, rest] = shape.exec(text) ?? [];
  if (kind === undefined || rest === undefined || rest.length > 200) return undefined;
  const word = rest.trim();
  const number = word === '' ? Number.NaN : Number(word);
  const isNumber = kind !== 'tag' && Number.isFinite(number);
  // words have no order that means something
  if (!isNumber && operator !== '=' && operator !== '!=') return undefined;
  return { kind: kind as ValueKind, name: name!.trim(), operator: operator as Operator, value: isNumber ? number : word };
}

/** Reads `metric.auc`, or `-metric.auc` for the highest first. */
export function parseOrder(text: string): RunOrder | undefined {
  const [, sign, kind, name] = /^(-?)(metric|param)\.(.{1,100})$/s.exec(text) ?? [];
  return kind === undefined ? undefined : { kind: kind as RunOrder['kind'], name: name!, isDescending: sign === '-' };
}
