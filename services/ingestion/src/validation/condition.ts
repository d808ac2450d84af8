import { z } from 'zod';

const scalar = z.union([z.string().max(1000), z.number(), z.boolean()]);

/** What a column is compared with: a value, another column, texts put together, or numbers added or multiplied. */
export type Operand = string | number | boolean | { column: string } | { concat: Operand[] } | { sum: Operand[] } | { product: Operand[] };

const operand: z.ZodType<Operand> = z.lazy(() =>
  z.union([
    scalar,
    z.strictObject({ column: z.string() }),
    z.strictObject({ concat: z.array(operand).min(1).max(20) }),
    z.strictObject({ sum: z.array(operand).min(1).max(50) }),
    z.strictObject({ product: z.array(operand).min(1).max(20) }),
  ]),
);

export const comparisons = ['is', 'isNot', 'lessThan', 'atMost', 'moreThan', 'atLeast'] as const;
export type Comparison = (typeof comparisons)[number];

/** One test of a column; what is missing is neither true nor false, and refuses no record. */
export interface ColumnTest {
  column: string;
  is?: Operand | undefined;
  isNot?: Operand | undefined;
  lessThan?: Operand | undefined;
  atMost?: Operand | undefined;
  moreThan?: Operand | undefined;
  atLeast?: Operand | undefined;
  in?: (string | number | boolean)[] | undefined;
  notIn?: (string | number | boolean)[] | undefined;
  matches?: string | undefined;
  isMissing?: boolean | undefined;
}

/** What must hold between the fields of one record. */
export type Condition =
  | ColumnTest
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { if: Condition; must: Condition; otherwise?: Condition | undefined };

const columnTest = z
  .strictObject({
    column: z.string(),
    ...Object.fromEntries(comparisons.map((name) => [name, operand.optional()])),
    in: z.array(scalar).max(10_000).optional(),
    notIn: z.array(scalar).max(10_000).optional(),
    matches: z.string().max(500).optional(),
    isMissing: z.boolean().optional(),
  })
  .refine(
    (test) => Object.keys(test).length === 2,
    `a test of a column has one of ${[...comparisons, 'in', 'notIn', 'matches', 'isMissing'].join(', ')}`,
  );

export const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    columnTest as unknown as z.ZodType<Condition>,
    z.strictObject({ all: z.array(condition).min(1).max(100) }),
    z.strictObject({ any: z.array(condition).min(1).max(100) }),
    z.strictObject({ not: condition }),
    z.strictObject({ if: condition, must: condition, otherwise: condition.optional() }),
  ]),
);

/** A condition with its name, as a contract has it. */
export interface NamedCondition {
  readonly name: string;
  readonly condition: Condition;
}

/** The columns a condition looks at, each once. */
export function columnsOf(root: Condition): string[] {
  const found = new Set<string>();
  const ofOperand = (value: Operand): void => {
    if (typeof value !== 'object') return;
    if ('column' in value) found.add(value.column);
    else for (const part of Object.values(value)[0] as Operand[]) ofOperand(part);
  };
  const walk = (node: Condition): void => {
    if ('all' in node) for (const part of node.all) walk(part);
    else if ('any' in node) for (const part of node.any) walk(part);
    else if ('not' in node) walk(node.not);
    else if ('if' in node) for (const part of [node.if, node.must, node.otherwise]) part && walk(part);
    else {
      found.add(node.column);
      for (const name of comparisons) if (node[name] !== undefined) ofOperand(node[name]);
    }
  };
  walk(root);
  return [...found];
}
