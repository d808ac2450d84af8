import { randomUUID } from 'node:crypto';

// what training does, from its build: no library of ours may import a service

interface Feature {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
}
type Column = { kind: 'numbers'; values: Float32Array } | { kind: 'texts'; codes: Int32Array; dictionary: readonly string[] };
export interface Frame {
  readonly rowCount: number;
  readonly features: readonly Feature[];
  readonly columns: readonly Column[];
  readonly labels: Float64Array;
}
interface Product {
  fitModel(job: object, rows: () => Frame): Promise<{ model: object }>;
  answersOf(model: object, frame: Frame): Float64Array;
  takeRows(frame: Frame, positions: ArrayLike<number>): Frame;
}

interface Ended {
  readonly outcome: string;
  readonly artifactDigest?: string;
  readonly reasons?: string[];
}

const load = (path: string) => import(new URL(`../../../services/training/dist/${path}`, import.meta.url).href);

const { fitModel } = (await load('trainers/fit.js')) as Pick<Product, 'fitModel'>;
const { answersOf } = (await load('trainers/fitted-model.js')) as Pick<Product, 'answersOf'>;

const { takeRows } = (await load('trainers/frame.js')) as Pick<Product, 'takeRows'>;

/** Our part of a run: all of it for a built-in trainer; of a program the data it gets, and the judgement of what it left. */
export type Part = 'train' | 'prepare' | 'evaluate';

type CarryOut = (job: object, objects: object, work: string) => Promise<Ended>;

/** What carries out one part of a run, in the folder of the program where there is one. */
export async function loadPart(part: Part): Promise<CarryOut> {
  if (part === 'train') {
    const { train } = await load('trainers/train.js');
    return (job, objects) => train(job, objects);
  }
  if (part === 'prepare') {
    const { prepare } = await load('trainer-programs/prepare.js');
    const context = { runId: randomUUID(), attempt: 1, pipelineName: 'generated', limits: { seconds: 600 } };
    return (job, objects, work) => prepare(job, objects, work, context);
  }
  const { evaluate } = await load('trainer-programs/evaluate.js');
  const { noReport } = await load('trainers/report.js');
  return (job, objects, work) => evaluate(job, objects, work, noReport);
}

/** What the service starts a run with, beside the room for its heap. */
export const flagsOfRun = ['--max-old-space-size=512', '--max-semi-space-size=8', '--expose-gc'];

export const environmentOfRun = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' };

export { answersOf, fitModel, takeRows };
