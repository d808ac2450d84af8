import type { TensorDatatype } from '@bascule/contracts';
import type { Tensor } from '../inference/tensor.js';
import { elementCount } from '../inference/tensor.js';
import { bytesOf, dataFromBytes } from '../inference/tensor-bytes.js';

interface TensorHead {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

/** How an answer is kept for repeats, and read again. */
export interface AnswerCodec<Answer> {
  encode(answer: Answer): Uint8Array;
  /** @throws when the bytes are no answer */
  decode(bytes: Uint8Array): Answer;
  /** False for an answer that a repeat may improve on: it is not kept, only what its prediction ids follow from. */
  isFinal?(answer: Answer): boolean;
}

/** JSON answers as they are. */
export const jsonCodec: AnswerCodec<unknown> = {
  encode: (answer) => Buffer.from(JSON.stringify(answer)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as unknown,
};

/** Answers with tensors: one line of JSON, then the tensors byte for byte, so that every protocol and number survives. */
export function tensorCodec<Answer extends { readonly outputs: readonly Tensor[] }>(): AnswerCodec<Answer> {
  return {
    encode({ outputs, ...rest }) {
      const data = outputs.map((tensor) => bytesOf(tensor.data));
      const heads = outputs.map(({ name, datatype, shape }, position) => ({
        name,
        datatype,
        shape,
        byteLength: (data[position] as Buffer).byteLength,
      }));
      return Buffer.concat([Buffer.from(`${JSON.stringify({ ...rest, outputs: heads })}\n`), ...data]);
    },
    decode(bytes) {
      const end = bytes.indexOf(10);
      const head = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, end).toString()) as { outputs: TensorHead[] };
      let offset = end + 1;
      const outputs = head.outputs.map(({ byteLength, name, datatype, shape }): Tensor => {
        const data = dataFromBytes(datatype, elementCount(shape), bytes.subarray(offset, offset + byteLength));
        offset += byteLength;
        if (typeof data === 'string') throw new Error(`stored answer: ${data}`);
        return { name, datatype, shape, data };
      });
      return { ...head, outputs } as unknown as Answer;
    },
  };
}
