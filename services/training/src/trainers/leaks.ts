import type { ModelTask } from '@bascule/contracts';
import { countRepeated } from './count-repeated.js';
import type { Feature, Rows } from './row.js';
import { cellsOf, labelsOf } from './rows.js';
import type { Split } from './split.js';

/** Rows of a training part below which a telling feature may be chance. */
const minRows = 100;
/** Values of a category below which it is looked at: a column with a value per row tells nothing of the next row. */
const maxShareOfValues = 0.5;
const numberKinds: ReadonlySet<string> = new Set(['numeric', 'boolean']);
const notedRepeatsPercent = 20;
/** More rows than this are not compared one by one. */
const maxCompared = 200_000;

export interface Leaks {
  /** What makes every figure on the hold-out worthless. */
  readonly refusals: readonly string[];
  /** What a person should know who reads the figures. */
  readonly notes: readonly string[];
}

/** Looks for ways in which the truth or the hold-out got into what a model learns from. */
export function leaksOf({ training, holdout }: Split, features: readonly Feature[], task: ModelTask = 'binary'): Leaks {
  const labels = labelsOf(training);
  const refusals = features.flatMap((feature, position) => {
    const tells = numberKinds.has(feature.kind) ? numberTells(training, labels, position, task) : categoryTells(training, labels, position);
    return tells ? [`feature ${feature.name} tells the label of every training row: it is the answer, or made from it`] : [];
  });
  return { refusals, notes: repeatNotes(training, holdout, features.length) };
}

/** True when every value stands for one label only, and few values do so for both labels. */
function categoryTells(rows: Rows, labels: Float64Array, position: number): boolean {
  if (rows.length < minRows) return false;
  const cell = cellsOf(rows, position);
  const told = new Map<unknown, number>();
  for (let at = 0; at < labels.length; at++) {
    const known = told.get(cell(at));
    if (known !== undefined && known !== labels[at]) return false;
    told.set(cell(at), labels[at]!);
  }
  return told.size > 1 && told.size <= rows.length * maxShareOfValues && new Set(told.values()).size > 1;
}

/** True when thresholds part the labels without a fault, or every label equals the number. */
function numberTells(rows: Rows, labels: Float64Array, position: number, task: ModelTask): boolean {
  if (rows.length < minRows) return false;
  const cell = cellsOf(rows, position);
  let isSame = true;
  const ranges = new Map<number, [number, number]>();
  for (let at = 0; at < labels.length; at++) {
    const label = labels[at]!;
    const value = Number(cell(at));
    // a missing value that goes with both labels hides nothing
    if (Number.isNaN(value)) return false;
    // a column keeps 32 bits of a number, a label 64
    isSame &&= Math.fround(value) === Math.fround(label);
    const range = ranges.get(label);
    if (!range) ranges.set(label, [value, value]);
    else {
      range[0] = Math.min(range[0], value);
      range[1] = Math.max(range[1], value);
    }
  }
  if (isSame) return ranges.size > 1;
  // numbers that are to be told may well rise with a feature
  if (ranges.size < 2 || (ranges.size > 2 && task !== 'multiclass')) return false;
  const ascending = [...ranges.values()].sort((a, b) => a[0] - b[0]);
  return ascending.every(([low], at) => at === 0 || ascending[at - 1]![1] < low);
}

function repeatNotes(training: Rows, holdout: Rows, cellCount: number): string[] {
  if (training.length > maxCompared) return [];
  const percent = Math.round((100 * countRepeated(training, holdout, cellCount)) / Math.max(1, holdout.length));
  return percent > notedRepeatsPercent ? [`${percent} % of the hold-out rows also stand, with their label, in the training part`] : [];
}
