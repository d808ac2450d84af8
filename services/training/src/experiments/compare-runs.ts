/** A run as far as it is compared with others. */
export interface ComparedRun {
  readonly runId: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
  /** What it was made from and what came out: versions and digests. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface ComparedRow {
  readonly kind: 'fact' | 'param' | 'metric' | 'tag';
  readonly name: string;
  /** In the order of the runs; null where a run has none. */
  readonly values: readonly unknown[];
  readonly isSame: boolean;
}

/** Puts runs side by side: a row for each name that one of them has, those that differ first. */
export function compareRuns(runs: readonly ComparedRun[]): ComparedRow[] {
  const rows = [
    ...rowsOf(
      'fact',
      runs.map(({ facts }) => facts),
    ),
    ...rowsOf(
      'param',
      runs.map(({ params }) => params),
    ),
    ...rowsOf(
      'metric',
      runs.map(({ metrics }) => metrics),
    ),
    ...rowsOf(
      'tag',
      runs.map(({ tags }) => tags),
    ),
  ];
  return [...rows.filter(({ isSame }) => !isSame), ...rows.filter(({ isSame }) => isSame)];
}

function rowsOf(kind: ComparedRow['kind'], sides: readonly Readonly<Record<string, unknown>>[]): ComparedRow[] {
  const names = [...new Set(sides.flatMap((side) => Object.keys(side)))].sort();
  return names.map((name) => {
    const values = sides.map((side) => (Object.hasOwn(side, name) ? (side[name] ?? null) : null));
    return { kind, name, values, isSame: values.every((value) => JSON.stringify(value) === JSON.stringify(values[0])) };
  });
}
