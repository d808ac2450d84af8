import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Cell, Feature } from '../trainers/row.js';

/** Rows as a model takes them: named columns, so that models with other features in another order can be compared. */
export interface NamedRows {
  readonly features: readonly Feature[];
  readonly rows: readonly { readonly cells: readonly Cell[] }[];
}

const rowsPerCall = 4096;

function tensorOf(session: InferenceSession, name: string, { features, rows }: NamedRows): Tensor {
  const position = features.findIndex((feature) => feature.name === name);
  if (position < 0) throw new Error(`the rows have no feature ${name}`);
  const metadata = session.inputMetadata.find((input) => input.name === name);
  if (!metadata?.isTensor) throw new Error(`input ${name} is not a tensor`);
  const isText = metadata.type === 'string';
  return isText
    ? new Tensor(
        'string',
        rows.map(({ cells }) => String(cells[position])),
        [rows.length, 1],
      )
    : new Tensor(
        'float32',
        Float32Array.from(rows, ({ cells }) => Number(cells[position])),
        [rows.length, 1],
      );
}

/** The features an artifact asks for, by the names and types of its inputs. */
export async function inputsOf(artifact: Uint8Array): Promise<Feature[]> {
  const session = await InferenceSession.create(artifact, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  try {
    return session.inputMetadata.map((input) => ({
      name: input.name,
      kind: input.isTensor && input.type === 'string' ? 'categorical' : 'numeric',
    }));
  } finally {
    await session.release();
  }
}

/** Probability of the positive class for each row, computed by the artifact itself. */
export async function scoreWithArtifact(artifact: Uint8Array, named: NamedRows): Promise<Float64Array> {
  const session = await InferenceSession.create(artifact, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  try {
    const scores = new Float64Array(named.rows.length);
    for (let start = 0; start < scores.length; start += rowsPerCall) {
      const slice = { features: named.features, rows: named.rows.slice(start, start + rowsPerCall) };
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, tensorOf(session, name, slice)]));
      const { probabilities } = await session.run(feeds, ['probabilities']);
      const values = probabilities!.data as Float32Array;
      for (let row = 0; row < slice.rows.length; row++) scores[start + row] = values[row * 2 + 1]!;
    }
    return scores;
  } finally {
    await session.release();
  }
}
