import type { ColumnLimits, DatasetColumn, ModelSignature, ReferenceProfile } from '@bascule/contracts';

/** Characters of all lists of allowed values together: a signature travels in events. */
const mostCharacters = 50_000;

/** What the contract of the training data allows of each feature, by its name. */
export function limitsOf(columns: readonly DatasetColumn[]): ReadonlyMap<string, ColumnLimits> {
  let characters = 0;
  return new Map(
    columns.flatMap(({ name, limits }) => {
      characters += limits?.allowed?.join('').length ?? 0;
      return limits && characters <= mostCharacters ? [[name, limits] as const] : [];
    }),
  );
}

/** The signature with the limits of its inputs: serving says where a value lies beyond them. */
export function withLimits(signature: ModelSignature, limits: ReadonlyMap<string, ColumnLimits>): ModelSignature {
  const inputs = signature.inputs.map((input) => {
    const own = limits.get(input.name);
    return own && input.kind !== undefined ? { ...input, limits: own } : input;
  });
  return { ...signature, inputs };
}

/** The reference profile with the limits of its features: monitoring counts what lies beyond them. */
export function profileWithLimits(profile: ReferenceProfile, limits: ReadonlyMap<string, ColumnLimits>): ReferenceProfile {
  const features = profile.features.map((feature) => {
    const own = limits.get(feature.name);
    return own ? { ...feature, limits: own } : feature;
  });
  return { ...profile, features };
}
