import type { ColumnProfile, DatasetColumn, DatasetProfile } from '@bascule/contracts';

/** How the columns of two versions differ. */
export interface ColumnDifference {
  readonly added: string[];
  readonly removed: string[];
  /** Columns whose type or role is another. */
  readonly changed: { name: string; before: string; after: string }[];
}

export function columnDifference(before: readonly DatasetColumn[], after: readonly DatasetColumn[]): ColumnDifference {
  const byName = new Map(before.map((column) => [column.name, column]));
  const names = new Set(after.map(({ name }) => name));
  const text = ({ type, role, nullable }: DatasetColumn) => `${type}, ${role}, ${nullable ? 'may be missing' : 'required'}`;
  return {
    added: after.filter(({ name }) => !byName.has(name)).map(({ name }) => name),
    removed: before.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    changed: after.flatMap((column) => {
      const old = byName.get(column.name);
      return old && text(old) !== text(column) ? [{ name: column.name, before: text(old), after: text(column) }] : [];
    }),
  };
}

/** How the values of one column differ; population stability index over the bins or categories of the version before. */
export interface StatisticsDifference {
  readonly name: string;
  readonly missingShare: { before: number; after: number };
  readonly mean?: { before: number; after: number };
  readonly median?: { before: number; after: number };
  readonly psi?: number;
  /** Categories that only one of the two has among its most frequent. */
  readonly newCategories?: string[];
  readonly goneCategories?: string[];
}

/** Compares profiles column by column; `distanceOf` is asked for columns that both have. */
export function statisticsDifference(
  before: DatasetProfile,
  after: DatasetProfile,
  distanceOf: (name: string) => number | undefined,
): StatisticsDifference[] {
  return after.columns.flatMap((column) => {
    const old = before.columns.find(({ name, type }) => name === column.name && type === column.type);
    if (!old) return [];
    const psi = distanceOf(column.name);
    return [
      {
        name: column.name,
        missingShare: { before: missingShare(old), after: missingShare(column) },
        ...numbersOf(old, column),
        ...categoriesOf(old, column),
        ...(psi === undefined ? {} : { psi }),
      },
    ];
  });
}

function missingShare({ missing, count }: ColumnProfile): number {
  return missing + count === 0 ? 0 : missing / (missing + count);
}

function numbersOf({ numeric: before }: ColumnProfile, { numeric: after }: ColumnProfile) {
  if (!before || !after) return {};
  return {
    mean: { before: before.mean, after: after.mean },
    median: { before: before.quantiles[3]!, after: after.quantiles[3]! },
  };
}

function categoriesOf({ categories: before }: ColumnProfile, { categories: after }: ColumnProfile) {
  if (!before || !after) return {};
  const only = (some: NonNullable<ColumnProfile['categories']>, others: NonNullable<ColumnProfile['categories']>) => {
    const known = new Set(others.map(({ value }) => value));
    return some.filter(({ value }) => !known.has(value)).map(({ value }) => value);
  };
  return { newCategories: only(after, before), goneCategories: only(before, after) };
}
