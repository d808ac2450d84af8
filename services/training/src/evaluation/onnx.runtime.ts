import type { ModelTask } from '@bascule/contracts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Cell, Feature } from '../trainers/row.js';
import { cellAt } from '../trainers/stored-rows.js';
import type { NamedOutput } from './champion-task.js';

/** Rows as a model takes them: named columns, so that models with other features in another order can be compared. */
export interface NamedRows {
  readonly features: readonly Feature[];
  readonly rows: CellRows;
}

interface CellRows {
  readonly length: number;
  slice(from: number, to: number): CellRows;
  map<Of>(of: (row: { readonly cells: readonly Cell[] }) => Of): Of[];
}

const rowsPerCall = 4096;

function tensorOf(session: InferenceSession, name: string, { features, rows }: NamedRows): Tensor {
  const position = features.findIndex((feature) => feature.name === name);
  if (position < 0) throw new Error(`the rows have no feature ${name}`);
  const metadata = session.inputMetadata.find((input) => input.name === name);
  if (!metadata?.isTensor) throw new Error(`input ${name} is not a tensor`);
  const dims = [rows.length, 1];
  if (metadata.type === 'string') {
    const texts = rows.map((row) => String(cellAt(row, position)));
    return new Tensor('string', texts, dims);
  }
  const numbers = Float64Array.from(rows.map((row) => Number(cellAt(row, position))));
  return metadata.type === 'float64' ? new Tensor('float64', numbers, dims) : new Tensor('float32', Float32Array.from(numbers), dims);
}

/** What an artifact takes and gives, by the names and types of its tensors. */
export interface Outline {
  readonly inputs: Feature[];
  readonly outputs: readonly NamedOutput[];
}

export async function outlineOf(artifact: Uint8Array): Promise<Outline> {
  const session = await InferenceSession.create(artifact, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  try {
    const inputs = session.inputMetadata.map((input) => ({ name: input.name, kind: input.isTensor ? kindOf(input.type) : 'numeric' }));
    return { inputs, outputs: session.outputMetadata.map((output) => ({ name: output.name, shape: output.isTensor ? output.shape : [] })) };
  } finally {
    await session.release();
  }
}

function kindOf(type: string): Feature['kind'] {
  if (type === 'string') return 'categorical';
  return type === 'float64' ? 'datetime' : 'numeric';
}

/** Probability of the last class for each row, computed by the artifact itself: of a binary model, that of the positive one. */
export async function scoreWithArtifact(artifact: Uint8Array, named: NamedRows): Promise<Float64Array> {
  const answers = await withArtifact(artifact, (answer) => answer(named, 'multiclass'));
  const count = answers.length / Math.max(named.rows.length, 1);
  return Float64Array.from({ length: named.rows.length }, (_, row) => answers[(row + 1) * count - 1]!);
}

/**
 * What an artifact answers: of yes and no the probability of yes, of a list of classes a probability each, row after row, of a
 * regression the number. Of a task `multiclass`, a list of two classes is no yes and no.
 */
export type Answer = (named: NamedRows, task: ModelTask) => Promise<Float64Array>;

/** Loads an artifact and lets it answer once. @param task binary when absent */
export async function answerWithArtifact(artifact: Uint8Array, named: NamedRows, task: ModelTask = 'binary'): Promise<Float64Array> {
  return withArtifact(artifact, (answer) => answer(named, task));
}

async function answersOfTask(session: InferenceSession, named: NamedRows, task: ModelTask): Promise<Float64Array> {
  const answers = await answersByClass(session, named);
  if (task !== 'binary' || answers.length !== 2 * named.rows.length) return answers;
  return Float64Array.from({ length: named.rows.length }, (_, row) => answers[2 * row + 1]!);
}

/** Does something with an artifact that is loaded once: what loading takes, the runtime gives back in part only. */
export async function withArtifact<Of>(artifact: Uint8Array, use: (answer: Answer) => Promise<Of>): Promise<Of> {
  const session = await InferenceSession.create(artifact, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  try {
    return await use((named, task) => answersOfTask(session, named, task));
  } finally {
    await session.release();
  }
}

/** A probability for each class, or the one number, row after row. */
async function answersByClass(session: InferenceSession, named: NamedRows): Promise<Float64Array> {
  const output = session.outputNames.includes('probabilities') ? 'probabilities' : 'value';
  let answers = new Float64Array(0);
  for (let start = 0; start < named.rows.length; start += rowsPerCall) {
    const slice = { features: named.features, rows: named.rows.slice(start, start + rowsPerCall) };
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, tensorOf(session, name, slice)]));
    const answered = await session.run(feeds, [output]);
    const values = answered[output]!.data as Float32Array;
    const width = values.length / slice.rows.length;
    if (start === 0) answers = new Float64Array(named.rows.length * width);
    answers.set(values, start * width);
  }
  return answers;
}
