import { z } from 'zod';

const paramName = z.string().min(1).max(100);
const value = z.union([z.string().max(1000), z.number(), z.boolean()]);

/** Values of one parameter: a list, or a range of numbers. */
export const dimension = z.union([
  z.strictObject({ values: z.array(value).min(1).max(1000) }),
  z
    .strictObject({
      from: z.number(),
      to: z.number(),
      /** Of a range over orders of magnitude. */
      scale: z.enum(['linear', 'log']).default('linear'),
      /** Whole numbers only. */
      integer: z.boolean().default(false),
      /** Points that a grid takes of the range, both ends among them. */
      points: z.int().min(2).max(100).default(5),
    })
    .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be above from' })
    .refine(({ from, scale }) => scale === 'linear' || from > 0, { path: ['from'], message: 'a log scale begins above 0' }),
]);
export type Dimension = z.infer<typeof dimension>;

const shared = {
  /** What is searched; parameters that are not named keep the value of `params`. */
  space: z
    .record(paramName, dimension)
    .refine((space) => Object.keys(space).length > 0, 'names no parameter')
    .refine((space) => Object.keys(space).length <= 20, 'at most 20 parameters'),
  /** A metric of the hold-out, here measured on the latest part of the training rows. */
  metric: z.string().min(1).max(100).default('logLoss'),
  /** Absent: as the trainer says of a number of its own (`trainer.` in front), or as is usual for the metric; of one that nobody knows, the lowest. */
  goal: z.enum(['minimise', 'maximise']).optional(),
  /** Trials at a time, each in another process; a built-in trainer carries several out in one, one after another. */
  parallel: z.int().min(1).max(32).default(2),
};

const drawn = {
  trials: z.int().min(1).max(1000).default(20),
  /** The same seed draws the same trials. */
  seed: z.int().min(0).max(4_294_967_295).default(0),
};

/** How parameters are looked for before the model is fitted. */
export const search = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('grid'), ...shared }),
  z.strictObject({ method: z.literal('random'), ...shared, ...drawn }),
  z.strictObject({
    method: z.literal('halving'),
    ...shared,
    ...drawn,
    /** Of the trials of a round the best one in so many goes on, on so many times the rows. */
    factor: z.int().min(2).max(10).default(3),
    /** Share of the rows in the first round. */
    minRows: z.number().gt(0).max(1).default(0.1),
  }),
]);
export type Search = z.infer<typeof search>;
