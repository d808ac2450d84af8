import { entityName, instant, uuid } from '@bascule/contracts';
import { z } from 'zod';
import { direction, feature, paramValues } from '../trainers/job.schema.js';

const period = z.object({ from: instant, to: instant, rowCount: z.int().min(1) });

/** What a trainer program finds as `job.json` in the folder it is started in. */
export const programJob = z
  .object({
    schemaVersion: z.literal(1),
    runId: uuid,
    attempt: z.int().min(1),
    pipelineName: entityName,
    modelName: entityName,
    /** The same for every run on the same data: with it, the same run gives the same model. */
    seed: z.int().min(0),
    /** Columns of the Parquet files in this order, and the names of the model's inputs: text or 32-bit floats of the form [-1, 1]. */
    features: z.array(feature).min(1),
    /** Column of the Parquet files that holds the truth: 0 or 1. */
    labelColumn: z.string(),
    /** Column of the Parquet files that says when a record occurred. */
    timeColumn: z.string(),
    params: paramValues,
    /** Parquet files beside this one. Both lie earlier than the hold-out, which no trainer sees. */
    files: z.object({ train: z.string(), validation: z.string() }),
    train: period,
    validation: period,
    limits: z.object({
      /** The program and all it has started are killed after so many seconds. */
      seconds: z.number(),
      memoryMb: z.int().optional(),
      cpus: z.int().optional(),
      network: z.literal('none').optional(),
    }),
  })
  .meta({ title: 'Job of a trainer program' });
export type ProgramJob = z.infer<typeof programJob>;

/** One line of standard output; anything else is taken for a line of the log. */
export const progressLine = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('progress'),
      step: z.string().max(100),
      percent: z.number().min(0).max(100).optional(),
      secondsLeft: z.number().min(0).optional(),
    }),
    z.object({ type: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']).default('info'), message: z.string() }),
    z.object({ type: z.literal('metric'), name: z.string().min(1).max(100), value: z.number(), step: z.int().min(0).optional() }),
  ])
  .meta({ title: 'Line of standard output of a trainer program' });
export type ProgressLine = z.infer<typeof progressLine>;

/**
 * What `metrics.json` may hold: numbers of the trainer's own, kept beside those of the hold-out. One that a search may look for
 * says which way is better; where none says so and the pipeline neither, a lower one is.
 */
export const programMetrics = z
  .record(z.string().min(1).max(100), z.union([z.number(), z.strictObject({ value: z.number(), better: direction })]))
  .refine((entries) => Object.keys(entries).length <= 200, 'at most 200 metrics');

/** Exit codes; everything else, and every signal, is an attempt that broke off and is tried again. */
export const exitCodes = { done: 0, refused: 10, tryAgain: 75 } as const;

/** What `refusal.json` may hold beside exit code 10. */
export const programRefusal = z.object({ reasons: z.array(z.string().min(1).max(1000)).min(1).max(20) });

/** The documents that trainer programs are written against, as JSON Schema. */
export function trainerSchemas(): { job: object; progress: object } {
  const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'output' });
  return { job: schemaOf(programJob), progress: z.toJSONSchema(progressLine, { io: 'input' }) };
}
