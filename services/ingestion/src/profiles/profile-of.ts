import type { ColumnProfile, DatasetColumn, DatasetManifest, DatasetProfile } from '@bascule/contracts';
import { psi } from '@bascule/stats';
import type { CellValue } from '../validation/column-rule.js';
import { ColumnSketch, type ColumnSketchData } from './column-sketch.js';

const bins = 64;
const mostCategories = 50;
const probabilities = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/** What the rows of one part hold, those with a label apart from those without. */
export interface PartSketch {
  readonly columns: Readonly<Record<string, { labelled: ColumnSketchData; unlabelled: ColumnSketchData }>>;
}

/** Looks at the rows of a part, one by one. */
export class PartSketcher {
  private readonly labelled: ColumnSketch[];
  private readonly unlabelled: ColumnSketch[];
  private readonly label: number;

  constructor(private readonly columns: readonly DatasetColumn[]) {
    this.labelled = columns.map((column) => ColumnSketch.for(column));
    this.unlabelled = columns.map((column) => ColumnSketch.for(column));
    this.label = columns.findIndex(({ role }) => role === 'label');
  }

  add(values: readonly CellValue[]): void {
    const hasLabel = this.label >= 0 && values[this.label] !== null;
    const sketches = hasLabel ? this.labelled : this.unlabelled;
    for (let at = 0; at < sketches.length; at++) sketches[at]!.add(values[at] ?? null);
  }

  result(): PartSketch {
    const pairs = this.columns.map(({ name }, at) => [
      name,
      { labelled: this.labelled[at]!.toJSON(), unlabelled: this.unlabelled[at]!.toJSON() },
    ]);
    return { columns: Object.fromEntries(pairs) };
  }
}

/** Two sketches of a column over all parts: rows with a label and rows without. */
export interface MergedColumn {
  readonly all: ColumnSketch;
  readonly labelled: ColumnSketch;
  readonly unlabelled: ColumnSketch;
}

/** Brings the sketches of parts together, column by column; rows of parts that lack a column miss a value. */
export function mergedColumns(
  columns: readonly DatasetColumn[],
  parts: readonly { sketch: PartSketch; rowCount: number }[],
): MergedColumn[] {
  return columns.map((column) => {
    const [all, labelled, unlabelled] = [ColumnSketch.for(column), ColumnSketch.for(column), ColumnSketch.for(column)];
    for (const { sketch, rowCount } of parts) {
      const found = sketch.columns[column.name];
      if (!found) all.missing += rowCount;
      else {
        labelled.merge(found.labelled);
        unlabelled.merge(found.unlabelled);
        all.merge(found.labelled).merge(found.unlabelled);
      }
    }
    return { all, labelled, unlabelled };
  });
}

/** The profile of a version from what its parts hold. */
export function profileOf(version: string, manifest: DatasetManifest, merged: readonly MergedColumn[]): DatasetProfile {
  const { datasetName, rowCount, labelledCount, columns } = manifest;
  const isDivided = labelledCount > 0 && labelledCount < rowCount;
  return {
    ...{ schemaVersion: 1, datasetName, datasetVersion: version, rowCount, labelledCount },
    labelledShare: rowCount === 0 ? null : labelledCount / rowCount,
    columns: columns.map((column, at) => columnProfileOf(column, merged[at]!, isDivided && column.role !== 'label')),
  };
}

function columnProfileOf(column: DatasetColumn, { all, labelled, unlabelled }: MergedColumn, isDivided: boolean): ColumnProfile {
  const { kind, present: count, missing } = all;
  const distinct = kind === 'numbers' ? all.sketch.distinct : all.counts.size;
  const facts = { ...column, count, missing, distinct, isApproximate: all.other > 0 || (kind === 'numbers' && all.sketch.toJSON().pooled) };
  const bias = isDivided && kind !== 'hidden' ? { labelBias: biasOf(labelled, unlabelled) } : {};
  if (kind === 'hidden') return facts;
  if (kind === 'numbers') return count === 0 ? { ...facts, ...bias } : { ...facts, numeric: distributionOf(all), ...bias };
  const sorted = all.sorted();
  const categories = sorted.slice(0, mostCategories).map(([value, times]) => ({ value, count: times }));
  const otherCount = count - categories.reduce((total, { count: times }) => total + times, 0);
  return { ...facts, categories, otherCount, ...bias };
}

function distributionOf({ sketch, sum, squares, present, min, max }: ColumnSketch) {
  const mean = sum / present;
  const edges = edgesOf(sketch, min);
  return {
    ...{ min, max, mean, standardDeviation: Math.sqrt(Math.max(0, squares / present - mean * mean)) },
    ...{ quantiles: sketch.quantiles(probabilities), edges, counts: sketch.countIntoBins(edges) },
  };
}

/** Inner edges of 64 bins of about equal count; fewer where values repeat. */
export function edgesOf(sketch: ColumnSketch['sketch'], min: number): number[] {
  const edges: number[] = [];
  for (const edge of sketch.quantiles(Array.from({ length: bins - 1 }, (_, at) => (at + 1) / bins)))
    if (edge > (edges.at(-1) ?? min)) edges.push(edge);
  return edges;
}

/** How far two groups of rows are apart in one column: the population stability index over the bins or the categories of the first. */
export function distanceOf(reference: ColumnSketch, current: ColumnSketch): number {
  if (reference.kind === 'numbers') {
    const edges = edgesOf(reference.sketch, reference.min);
    return psi(reference.sketch.countIntoBins(edges), current.sketch.countIntoBins(edges));
  }
  const names = reference.sorted().slice(0, mostCategories);
  const countsOf = (sketch: ColumnSketch) => {
    const listed = names.map(([name]) => sketch.counts.get(name) ?? 0);
    return [...listed, sketch.present - listed.reduce((total, count) => total + count, 0)];
  };
  return psi(countsOf(reference), countsOf(current));
}

function biasOf(labelled: ColumnSketch, unlabelled: ColumnSketch) {
  const share = ({ missing, present }: ColumnSketch) => (missing + present === 0 ? 0 : missing / (missing + present));
  return { psi: distanceOf(unlabelled, labelled), labelledMissing: share(labelled), unlabelledMissing: share(unlabelled) };
}
