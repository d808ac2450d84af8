import type { CategoricalProfile, NumericProfile, ReferenceProfile } from '@bascule/contracts';
import { countIntoBins, quantile, quantileEdges, sortedFinite } from '@bascule/stats';
import type { Mapping } from './map-inputs.js';
import type { Measured } from './measure-model.js';
import type { DataFile } from './read-data.js';

const bins = 10;
const shownQuantiles = [0.05, 0.25, 0.5, 0.75, 0.95];

/** What normal looks like, from the rows that were read: every input that one column feeds, and the predictions on them. */
export function draftProfile(name: string, data: DataFile, { feeds }: Mapping, measured: Measured): ReferenceProfile {
  const features = feeds.flatMap(({ spec, columns: [column, ...more] }) => {
    if (column === undefined || more.length > 0) return [];
    const values = data.rows.map((row) => row[data.columns.indexOf(column)] ?? '');
    return [
      spec.kind === 'categorical'
        ? categorical(spec.name, values)
        : numeric(
            spec.name,
            values.map((value) => (value === '' ? Number.NaN : Number(value))),
          ),
    ];
  });
  const { labels, metrics } = measured;
  const positiveCount = labels?.filter((label) => label === 1).length ?? 0;
  const { auc, logLoss, brier } = metrics as { auc?: number; logLoss?: number; brier?: number };
  const at = data.changedAt.toISOString();
  return {
    schemaVersion: 1,
    datasetName: name,
    datasetVersion: data.digest,
    rowCount: data.rows.length,
    // the file does not say when its rows happened
    occurredFrom: at,
    occurredTo: at,
    features,
    prediction: numeric('prediction', measured.scores),
    ...(labels && auc !== undefined && logLoss !== undefined && brier !== undefined
      ? { performance: { rowCount: labels.length, positiveCount, auc, logLoss, brier } }
      : {}),
  };
}

function numeric(name: string, values: readonly number[]): NumericProfile {
  const sorted = sortedFinite(values);
  const edges = quantileEdges(sorted, bins);
  return {
    name,
    kind: 'numeric',
    missing: values.length - sorted.length,
    edges,
    counts: countIntoBins(sorted, edges),
    min: sorted[0] ?? null,
    max: sorted.at(-1) ?? null,
    quantiles: sorted.length === 0 ? [] : shownQuantiles.map((p) => quantile(sorted, p)),
  };
}

function categorical(name: string, values: readonly string[]): CategoricalProfile {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const missing = counts.get('') ?? 0;
  counts.delete('');
  const categories = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { name, kind: 'categorical', missing, categories };
}
