import { z } from 'zod';
import { isBuiltIn } from '../trainers/built-in.js';
import { feature, label, paramValues } from '../trainers/job.schema.js';
import type { FeatureKind } from '../trainers/row.js';

/** Options of a feature, and the kind that has them. */
const kindOf = { log: 'numeric', clip: 'numeric', impute: 'numeric', monotone: 'numeric', encode: 'categorical' } as const satisfies Record<
  string,
  FeatureKind
>;

export interface OptionFault {
  readonly path: (string | number)[];
  readonly message: string;
}

const document = z.object({
  trainer: z.string().default('logistic-regression'),
  features: z.array(feature),
  label,
  params: paramValues.prefault({}),
});

/** What a pipeline asks for and nothing would come of: it is refused, for whoever wrote it counts on it. */
export function idleOptions(body: unknown): OptionFault[] {
  const parsed = document.safeParse(body);
  if (!parsed.success) return [];
  const { trainer, features, params } = parsed.data;
  const { task = 'binary' } = parsed.data.label;
  const faults = features.flatMap((of, at) =>
    Object.entries(kindOf).flatMap(([option, kind]): OptionFault[] => {
      if (of[option as keyof typeof kindOf] === undefined) return [];
      const path = ['features', at, option];
      if (of.kind !== kind) return [{ path, message: `a ${of.kind} feature has no ${option}` }];
      const isKept = option !== 'monotone' || !isBuiltIn(trainer) || trainer === 'gradient-boosting';
      return isKept ? [] : [{ path, message: `${trainer} keeps to no direction; gradient-boosting does` }];
    }),
  );
  if (!isBuiltIn(trainer) || task !== 'regression') return faults;
  const ofClasses = ['calibration', 'classWeights'].filter((name) => params[name] !== undefined && params[name] !== 'none');
  return [...faults, ...ofClasses.map((name) => ({ path: ['params', name], message: `a regression has no ${name}` }))];
}
