import type { GraphBuilder } from '../graph/graph-builder.js';
import type { Column, Frame } from '../trainers/frame.js';
import type { Feature } from '../trainers/row.js';
import { datesForLinear, datesForTrees } from './dates.js';
import { fitTerms } from './terms.js';

/** For whom columns are prepared: linear models want circles where trees want numbers. */
export type Purpose = 'linear' | 'trees';

/** How one feature becomes columns, here and in the graph: both give the same numbers. */
export interface Derivation {
  /** What it becomes; every part is numeric or categorical. */
  readonly parts: readonly Feature[];
  compute(column: Column): Column[];
  /** @returns name of a tensor with a column for each part; undefined when there is none */
  emit(graph: GraphBuilder, input: string): string | undefined;
}

function asItIs(feature: Feature): Derivation {
  const kind = feature.kind === 'categorical' ? ('categorical' as const) : ('numeric' as const);
  return { parts: [{ ...feature, kind }], compute: (column) => [column], emit: (_, input) => input };
}

/** Learns from training rows how each feature becomes columns. */
export function fitDerivations(frame: Frame, purpose: Purpose): Derivation[] {
  return frame.features.map((feature, position) => {
    if (feature.kind === 'datetime') return purpose === 'linear' ? datesForLinear(feature) : datesForTrees(feature);
    if (feature.kind === 'text') return fitTerms(feature, frame.columns[position]!);
    return asItIs(feature);
  });
}

/** The prepared rows. */
export function derive(derivations: readonly Derivation[], frame: Frame): Frame {
  const columns = derivations.flatMap((derivation, position) => derivation.compute(frame.columns[position]!));
  return { ...frame, features: derivations.flatMap(({ parts }) => parts), columns };
}
