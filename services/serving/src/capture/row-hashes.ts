import { commitTo } from '@bascule/proofs';
import { decodePrediction, plainColumns } from '@bascule/proto';
import { FieldWriter } from './field-writer.js';
import { type Answered, writePrediction } from './prediction-record.js';

/** Salted SHA-256 commitments to what a row held. */
export interface RowHashes {
  readonly inputs: Uint8Array;
  readonly outputs: Uint8Array;
}

const headBytes = 5;
const scratch = new FieldWriter(16_384);

/**
 * Commits to the inputs and the outputs of a row, each as canonical JSON by column name, as the audit log shows them.
 * @param salt 32 bytes
 */
export function hashesOf(answered: Answered, row: number, salt: Uint8Array): RowHashes {
  // read back from the record: the hash is then, by construction, of what a captured row would say
  scratch.clear();
  writePrediction(scratch, answered, row, 0, 'values');
  const { inputs, outputs } = decodePrediction(scratch.bytes.subarray(headBytes, scratch.length));
  const { signature } = answered.loaded.routed;
  const names = (tensors: readonly { readonly name: string }[]) => tensors.map(({ name }) => name);
  return {
    inputs: commitTo(plainColumns(names(signature.inputs), inputs), salt),
    outputs: commitTo(plainColumns(names(signature.outputs), outputs), salt),
  };
}
