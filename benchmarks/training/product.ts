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

interface Run {
  train(job: object, objects: object): Promise<{ outcome: string; artifactDigest?: string; reasons?: string[] }>;
}

const load = (path: string) => import(new URL(`../../../services/training/dist/${path}`, import.meta.url).href);

const { fitModel } = (await load('trainers/fit.js')) as Pick<Product, 'fitModel'>;
const { answersOf } = (await load('trainers/fitted-model.js')) as Pick<Product, 'answersOf'>;

const { takeRows } = (await load('trainers/frame.js')) as Pick<Product, 'takeRows'>;

/** A whole run of a built-in trainer: from the dataset to the model, its report and its profile. */
export const loadRun = async (): Promise<Run> => (await load('trainers/train.js')) as Run;

/** What the service starts a run with, beside the room for its heap. */
export const flagsOfRun = ['--max-old-space-size=512', '--max-semi-space-size=8', '--expose-gc'];

export const environmentOfRun = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' };

export { answersOf, fitModel, takeRows };
