import type { ModelSignature } from '@bascule/contracts';
import { logisticRegression, perceptron, rowMeans, treeEnsemble } from './onnx-models.js';
import { seededNormal } from './random.js';

/** A model with the requests that are sent to it. */
export interface Workload {
  readonly modelName: string;
  readonly model: Uint8Array;
  readonly signature: ModelSignature;
  /** Length of one row's axes behind the batch. */
  readonly columns: readonly number[];
  /** Different rows in turn: repeating one would train the branch predictor. */
  readonly requests: number;
}

function workload(modelName: string, model: Uint8Array, columns: readonly number[], outputColumns: number, requests = 512): Workload {
  const signature: ModelSignature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, ...columns], kind: 'numeric' }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, outputColumns] }],
  };
  return { modelName, model, signature, columns, requests };
}

/** The models that are measured. */
export const workloads = {
  logisticRegression: () => workload('logistic-regression', logisticRegression(30), [30], 2),
  treeEnsemble: () => workload('tree-ensemble', treeEnsemble(30, 200, 6), [30], 1),
  perceptron: () => workload('perceptron', perceptron([256, 512, 512, 10]), [256], 10, 256),
  matrix: () => workload('matrix', rowMeans(256), [256, 256], 256, 8),
};

/** Bodies of one row each: normal numbers with four decimals, as a client would have them. */
export function jsonBodies({ columns, requests }: Workload): Buffer[] {
  const next = seededNormal(7);
  const length = columns.reduce((product, axis) => product * axis, 1);
  return Array.from({ length: requests }, () => {
    const data = Array.from({ length }, () => Number(next().toFixed(4)));
    return Buffer.from(JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, ...columns], data }] }));
  });
}

/** The same rows in the binary form of the protocol, and the length of the JSON in front of the numbers. */
export function binaryBodies({ columns, requests }: Workload): { bodies: Buffer[]; headerBytes: number } {
  const next = seededNormal(7);
  const length = columns.reduce((product, axis) => product * axis, 1);
  const parameters = { binary_data_size: length * 4 };
  const header = Buffer.from(
    JSON.stringify({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, ...columns], parameters }],
      outputs: [{ name: 'y', parameters: { binary_data: true } }],
    }),
  );
  const bodies = Array.from({ length: requests }, () => {
    const data = Float32Array.from({ length }, () => Number(next().toFixed(4)));
    return Buffer.concat([header, Buffer.from(data.buffer)]);
  });
  return { bodies, headerBytes: header.length };
}
