import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Rows for one run. */
export interface Batch {
  readonly rows: number;
  readonly width: number;
  readonly data: Float32Array;
}

export interface BatchAnswer {
  readonly data: Float32Array;
}

// The process of the model behind the bare gateway: one run at a time, in the order they come.

const session = await InferenceSession.create(readFileSync(process.argv[2]!), { intraOpNumThreads: 1, interOpNumThreads: 1 });
let last = Promise.resolve();
process.on('message', ({ rows, width, data }: Batch) => {
  last = last.then(async () => {
    const { y } = await session.run({ x: new Tensor('float32', data, [rows, width]) });
    process.send?.({ data: y!.data as Float32Array } satisfies BatchAnswer);
  });
});
process.on('disconnect', () => process.exit(0));
