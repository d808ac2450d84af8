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

/** Parameters as a pipeline names them; what they mean is the trainer's business. */
export const paramValues = z
  .record(z.string().min(1).max(100), z.union([z.string().max(1000), z.number(), z.boolean()]))
  .refine((entries) => Object.keys(entries).length <= 100, 'at most 100 parameters');

/** Parameters of the built-in trainers. */
export const builtInParams = {
  'logistic-regression': z.strictObject({
    /** Strength of the penalty on squared weights; larger forgets rare categories sooner. */
    l2: z.number().min(0.000_001).max(1_000_000).default(1),
  }),
  prior: z.strictObject({}),
} as const;

/** What a run may use; what is absent is limited by the settings of the service only. */
export const resources = z.strictObject({
  /** Wall-clock time of one attempt. */
  seconds: z.number().min(1).max(604_800).optional(),
  memoryMb: z.int().min(64).max(1_048_576).optional(),
  cpus: z.int().min(1).max(1024).optional(),
  network: z.literal('none').optional(),
});
export type Resources = z.infer<typeof resources>;

export const split = z.object({
  recentDays: z.int().min(1).max(36_500).optional(),
  holdoutFraction: z.number().min(0.05).max(0.9).default(0.3),
});

/** What one of our own steps does: trains; or gets data ready for a program, and judges what it left. */
export const steps = ['train', 'prepare', 'evaluate'] as const;

/** What is to be trained on what. */
export const job = z.object({
  objectRoot: z.string().min(1),
  modelName: entityName,
  datasetVersion: digest,
  evaluationDatasetVersion: digest,
  trainer: entityName,
  features: z.array(feature).min(1),
  label,
  params: paramValues,
  split,
  excludedWindows: z.array(z.object({ from: instant, to: instant })),
  /** A trial of parameters: judged on the latest part of the training rows, never on the hold-out; kept as numbers only. */
  trial: z.object({ /** Share of the rows it may learn from. */ rows: z.number().gt(0).max(1) }).optional(),
  champion: z.object({ version: z.int().min(1), artifactDigest: digest }).optional(),
});
export type Job = z.infer<typeof job>;

const evaluated = z.object({ from: instant, to: instant, rowCount: z.int().min(1) });

/** What one of our own steps leaves as `result.json`. */
export const jobResult = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('succeeded'),
    artifactDigest: digest,
    artifactSizeBytes: z.int().min(1),
    profileDigest: digest,
    /** The evaluation report, where there is one. */
    reportDigest: digest.optional(),
    signature: modelSignature,
    metrics,
    championMetrics: metrics.optional(),
    comparison: pairedComparison.optional(),
    trainedOn: evaluated,
    evaluatedOn: evaluated,
    /** The contract that the dataset version keeps to. */
    contract: z.object({ name: entityName, version: z.int().min(1) }).optional(),
    /** Files that a program left beside its model. */
    artifacts: z.array(z.object({ name: z.string(), digest, sizeBytes: z.int().min(0) })).optional(),
    notes: z.array(z.string()),
  }),
  /** What a trial of parameters gave on rows it did not learn from. */
  z.object({ outcome: z.literal('trial'), metrics }),
  /** The data are ready for the program. */
  z.object({ outcome: z.literal('prepared') }),
  /** The data do not allow it: another attempt would end the same way. */
  z.object({ outcome: z.literal('refused'), reasons: z.array(z.string()).min(1) }),
]);
export type JobResult = z.infer<typeof jobResult>;
export type TrainedResult = Extract<JobResult, { outcome: 'succeeded' }>;

/** What one of our own steps finds as `task.json` in its folder. */
export const task = z.object({
  step: z.enum(steps),
  job,
  program: z.unknown().optional(),
  /** Names the code of all steps: what it made once is made again by the same code only. */
  codeVersion: z.string().default(''),
  /** Outputs of earlier steps by key, to be taken over where inputs did not change. */
  known: z.record(z.string(), z.unknown()).default({}),
});
export type Task = z.infer<typeof task>;
