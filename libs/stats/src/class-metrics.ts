export interface ClassMetrics {
  readonly accuracy: number;
  readonly macroF1: number;
  readonly weightedF1: number;
  readonly perClass: readonly { readonly precision: number; readonly recall: number; readonly f1: number; readonly support: number }[];
  /** `confusion[i][j]`: rows of class i that were given class j. */
  readonly confusion: readonly (readonly number[])[];
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** Precision, recall and F1 of chosen classes, by position; a class that is never chosen has precision 0 (as in scikit-learn). */
export function classMetrics(chosen: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): ClassMetrics {
  const confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let row = 0; row < labels.length; row++) confusion[labels[row]!]![chosen[row]!]!++;
  const perClass = confusion.map((given, k) => {
    const hits = given[k]!;
    const support = given.reduce((sum, count) => sum + count, 0);
    const precision = share(
      hits,
      confusion.reduce((sum, row) => sum + row[k]!, 0),
    );
    const recall = share(hits, support);
    return { precision, recall, f1: share(2 * precision * recall, precision + recall), support };
  });
  const occurring = perClass.filter(({ support }, k) => support > 0 || confusion.some((row) => row[k]! > 0));
  return {
    accuracy: share(
      confusion.reduce((sum, row, k) => sum + row[k]!, 0),
      labels.length,
    ),
    macroF1: share(
      occurring.reduce((sum, { f1 }) => sum + f1, 0),
      occurring.length,
    ),
    weightedF1: share(
      perClass.reduce((sum, { f1, support }) => sum + f1 * support, 0),
      labels.length,
    ),
    perClass,
    confusion,
  };
}
