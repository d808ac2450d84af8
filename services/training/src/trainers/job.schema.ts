import { digest, entityName, instant, metrics, modelSignature, modelTask, pairedComparison } from '@bascule/contracts';
import { z } from 'zod';
import { calibrationMethods } from '../calibration/calibrate.js';
import { knownNames } from './known-names.js';
import { featureKinds } from './row.js';

const outputNames = new Set(['label', 'probabilities', 'value']);

/** A feature of a pipeline, as clients will name it in requests, and how it is prepared. */
export const feature = knownNames({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'letters, digits and underscore; at most 63 characters')
    .refine((name) => !outputNames.has(name), 'label, probabilities and value name the outputs of a model'),
  kind: z.enum(featureKinds),
  /** Of a number, for linear models: its logarithm, the sign kept, stands for it. */
  log: z.boolean().optional(),
  /** Of a number, for linear models: what lies outside is taken for the nearest bound. */
  clip: knownNames({ min: z.number().optional(), max: z.number().optional() })
    .refine(({ min = -Infinity, max = Infinity }) => min < max, { path: ['max'], message: 'must be above min' })
    .optional(),
  /** Of a number, for linear models: what stands for a missing one; that it is missing has a weight of its own. */
  impute: z.enum(['median', 'mean', 'zero']).optional(),
  /** Of a category, for linear models: a weight each, or one for how often it occurs. */
  encode: z.enum(['one-hot', 'frequency']).optional(),
  /** Of a number, for boosted trees: the answer never falls, or never rises, as it grows. */
  monotone: z.enum(['increasing', 'decreasing']).optional(),
});

const labelValue = z.union([z.string(), z.number()]);

export const label = knownNames({
  column: z.string().min(1),
  /** What the model is to tell: yes or no (when absent), one of several classes, or a number. */
  task: modelTask.optional(),
  /** Values that mean "yes"; every other value means "no". */
  positive: z.array(labelValue).default([]),
  /** Of several classes: their values, in the order of the probabilities. Rows with another value are left out. */
  classes: z.array(labelValue).min(2).max(100).optional(),
}).superRefine(({ task = 'binary', positive, classes }, context) => {
  const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message, input: { task } });
  if (task === 'binary' && positive.length === 0) fault('positive', 'at least one value that means "yes"');
  if (task !== 'binary' && positive.length > 0) fault('positive', `a ${task} label has no positive values`);
  if (task === 'multiclass' && classes === undefined) fault('classes', 'the values of the classes, in the order of the probabilities');
  if (task !== 'multiclass' && classes !== undefined) fault('classes', `a ${task} label has no list of classes`);
  if (classes && new Set(classes.map(String)).size !== classes.length) fault('classes', 'each class is named once');
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
    /** Strength of the penalty on absolute weights; above 0, weights that hardly help become 0. */
    l1: z.number().min(0).max(1_000_000).default(0),
    /** `balanced`: every class counts the same, however many rows it has. */
    classWeights: z.enum(['none', 'balanced']).default('none'),
    /** How scores become probabilities, learnt from rows that a fit left out; several classes share one temperature. */
    calibration: z.enum(calibrationMethods).default('none'),
  }),
  'linear-regression': z.strictObject({
    l2: z.number().min(0.000_001).max(1_000_000).default(1),
    l1: z.number().min(0).max(1_000_000).default(0),
  }),
  'gradient-boosting': z.strictObject({
    /** Rounds at most: each grows a tree, or a tree per class. */
    trees: z.int().min(1).max(5000).default(200),
    learningRate: z.number().gt(0).max(1).default(0.1),
    maxLeaves: z.int().min(2).max(1000).default(31),
    maxDepth: z.int().min(1).max(100).default(100),
    minRowsInLeaf: z.int().min(1).max(1_000_000).default(20),
    l2: z.number().min(0).max(1_000_000).default(0),
    /** Into how many groups the values of a number are put. */
    maxBins: z.int().min(2).max(255).default(255),
    /** Share of the training rows, the latest, that say when to stop; 0 grows all trees. */
    validationFraction: z.number().min(0).max(0.5).default(0.1),
    /** Stop after so many rounds that did not get better. */
    patience: z.int().min(1).max(1000).default(20),
    classWeights: z.enum(['none', 'balanced']).default('none'),
    calibration: z.enum(calibrationMethods).default('none'),
  }),
  prior: z.strictObject({}),
} as const;

/** What a run may use; what is absent is limited by the settings of the service only. */
export const resources = knownNames({
  /** Wall-clock time of one attempt. */
  seconds: z.number().min(1).max(604_800).optional(),
  memoryMb: z.int().min(64).max(1_048_576).optional(),
  cpus: z.int().min(1).max(1024).optional(),
  network: z.literal('none').optional(),
});
export type Resources = z.infer<typeof resources>;

export const split = knownNames({
  recentDays: z.int().min(1).max(36_500).optional(),
  holdoutFraction: z.number().min(0.05).max(0.9).default(0.3),
  /** `time` (when absent): the latest rows are held out; `group`: all rows of some groups; `hash`: rows picked by what they hold. */
  by: z.enum(['time', 'group', 'hash']).optional(),
  /** Of `group`, and of `hash` if it is to pick by one column: the column. */
  column: z.string().min(1).max(200).optional(),
  /** Cross-validates on the training part as well, in so many folds. */
  folds: z.int().min(2).max(20).optional(),
});

/** A column of the dataset; it need not be a feature. */
const columnName = z.string().min(1).max(200);

/** What besides the measures of all hold-out rows is looked at. */
export const evaluation = knownNames({
  /** Columns whose values, or ranges of values, are measured apart. */
  slices: z.array(columnName).max(20).default([]),
  /** Columns that say who people are: how each group fares is measured. */
  sensitive: z.array(columnName).max(10).default([]),
  /** How often rows are drawn again for the intervals of measures; 0 gives none. */
  resamplings: z.int().min(0).max(2000).default(200),
});
export type Evaluation = z.infer<typeof evaluation>;

/** What one of our own steps does: trains; tries parameters out; or gets data ready for a program, and judges what it left. */
export const steps = ['train', 'trials', 'prepare', 'evaluate'] as const;

/** A trial of parameters: judged on the latest part of the training rows, never on the hold-out; kept as numbers only. */
export const trial = z.object({ /** Share of the rows it may learn from. */ rows: z.number().gt(0).max(1) });

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
  evaluation: evaluation.prefault({}),
  excludedWindows: z.array(z.object({ from: instant, to: instant })),
  /** Profiles of the dataset version, and of the one learnt from before; absent where there are none. */
  profiles: z.object({ data: digest, former: digest.optional() }).optional(),
  trial: trial.optional(),
  champion: z
    .object({
      version: z.int().min(1),
      artifactDigest: digest,
      /** What its signature says of its outputs; absent where the registry told nothing of it. */
      outputs: modelSignature.shape.outputs.optional(),
    })
    .optional(),
});
export type Job = z.infer<typeof job>;

/** Which way a number is better. */
export const direction = z.enum(['higher', 'lower']);
export type Direction = z.infer<typeof direction>;

const evaluated = z.object({ from: instant, to: instant, rowCount: z.int().min(1) });

/** A program that trained, by the digests of its files as far as they are known. */
export const usedProgram = z.object({
  name: entityName,
  /** As the operator says. */
  version: z.string().optional(),
  /** Over the command and the files. */
  digest,
  files: z.array(z.object({ name: z.string(), digest })),
});
export type UsedProgram = z.infer<typeof usedProgram>;

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
    /** The program that trained, where it was none of ours. */
    program: usedProgram.optional(),
    /** Files that a program left beside its model. */
    artifacts: z.array(z.object({ name: z.string(), digest, sizeBytes: z.int().min(0) })).optional(),
    notes: z.array(z.string()),
  }),
  /** What a trial of parameters gave on rows it did not learn from. */
  z.object({ outcome: z.literal('trial'), metrics, better: z.record(z.string(), direction).default({}) }),
  /** All trials were told of, one by one. */
  z.object({ outcome: z.literal('tried') }),
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
  /** Of `trials`: what to try, one after another, each in place of the parameters of the job. */
  trials: z.array(trial.extend({ params: paramValues })).default([]),
  /** Names the code of all steps: what it made once is made again by the same code only. */
  codeVersion: z.string().default(''),
  /** Outputs of earlier steps by key, to be taken over where inputs did not change. */
  known: z.record(z.string(), z.unknown()).default({}),
});
export type Task = z.infer<typeof task>;
