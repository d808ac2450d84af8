import { digest, entityName, instant, metrics, modelSignature, pairedComparison } from '@bascule/contracts';
import { z } from 'zod';

/** A feature of a pipeline, as clients will name it in requests. */
export const feature = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'letters, digits and underscore; at most 63 characters')
    .refine((name) => name !== 'label' && name !== 'probabilities', 'label and probabilities name the outputs of a model'),
  kind: z.enum(['numeric', 'categorical']),
});

export const label = z.object({
  column: z.string().min(1),
  /** Values that mean "yes"; every other value means "no". */
  positive: z.array(z.union([z.string(), z.number()])).min(1),
});

export const params = z.object({
  /** Strength of the penalty on squared weights; larger forgets rare categories sooner. */
  l2: z.number().min(0.000_001).max(1_000_000).default(1),
});

export const split = z.object({
  recentDays: z.int().min(1).max(36_500).optional(),
  holdoutFraction: z.number().min(0.05).max(0.9).default(0.3),
});

/** What the trainer program reads from its standard input: one line of JSON. */
export const job = z.object({
  objectRoot: z.string().min(1),
  modelName: entityName,
  datasetVersion: digest,
  evaluationDatasetVersion: digest,
  features: z.array(feature).min(1),
  label,
  params,
  split,
  excludedWindows: z.array(z.object({ from: instant, to: instant })),
  champion: z.object({ version: z.int().min(1), artifactDigest: digest }).optional(),
});
export type Job = z.infer<typeof job>;

const evaluated = z.object({ from: instant, to: instant, rowCount: z.int().min(1) });

/** What the trainer program writes to its standard output: one line of JSON. */
export const jobResult = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('succeeded'),
    artifactDigest: digest,
    artifactSizeBytes: z.int().min(1),
    profileDigest: digest,
    signature: modelSignature,
    metrics,
    championMetrics: metrics.optional(),
    comparison: pairedComparison.optional(),
    trainedOn: evaluated,
    evaluatedOn: evaluated,
    notes: z.array(z.string()),
  }),
  /** The data do not allow it: another attempt would end the same way. */
  z.object({ outcome: z.literal('refused'), reasons: z.array(z.string()).min(1) }),
]);
export type JobResult = z.infer<typeof jobResult>;
export type TrainedResult = Extract<JobResult, { outcome: 'succeeded' }>;
