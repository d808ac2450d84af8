import type { ModelSignature } from '@bascule/contracts';
import { featurePlan, type PlannedInput } from '../records/feature-plan.js';

/** A feature of a model, and the column of the input that holds it. */
export interface FeatureColumn {
  readonly feature: string;
  readonly column: string;
}

export type FoundColumns =
  | { readonly columns: readonly FeatureColumn[] }
  | { readonly columns?: undefined; readonly missing: readonly string[] };

/**
 * Finds the columns that hold the features: by name, or as the mapping says. The columns of a wide input whose columns have
 * names may come one by one, or as one list under the name of the input.
 */
export function featureColumns(
  signature: ModelSignature,
  mapping: Readonly<Record<string, string>>,
  present: readonly string[],
): FoundColumns {
  const plan = featurePlan(signature);
  const unknown = Object.keys(mapping).filter((feature) => !plan.names.has(feature));
  const isPresent = new Set(present);
  const columnOf = (feature: string) => (Object.hasOwn(mapping, feature) ? (mapping[feature] as string) : feature);
  const named = (features: readonly string[]) => features.map((feature) => ({ feature, column: columnOf(feature) }));
  const missing: string[] = [...unknown];
  const columns: FeatureColumn[] = [];
  for (const input of plan.inputs) {
    const one = named(input.features ?? [input.name]);
    const list = named([input.name]);
    const absent = one.filter(({ column }) => !isPresent.has(column)).map(({ column }) => column);
    if (absent.length === 0) columns.push(...one);
    else if (isWide(input) && list.every(({ column }) => isPresent.has(column))) columns.push(...list);
    else missing.push(...absent);
  }
  return missing.length > 0 ? { missing } : { columns };
}

function isWide({ name, features }: PlannedInput): boolean {
  return features !== undefined && features[0] !== name;
}
