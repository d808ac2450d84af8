import { Clock } from '@bascule/platform';
import { commitTo, type ReceiptRow, signReceipt, wordsOf } from '@bascule/proofs';
import { Injectable } from '@nestjs/common';
import { CaptureService } from '../capture/capture.service.js';
import { treatmentOf } from '../capture/capture-level.js';
import type { Answered } from '../capture/prediction-record.js';
import { hashesOf } from '../capture/row-hashes.js';
import { SigningKey } from '../capture/signing-key.service.js';
import { tooManyReceiptRows } from '../errors.js';

const maxRows = 1_000;

/** Where the rows of an answer were put. */
export interface RecordedIn {
  /** False when they had to be dropped. */
  readonly isRecorded: boolean;
  /** Sequence numbers of blocks, both ends included. */
  readonly from: number;
  readonly to: number;
}

/** Signs, for clients that ask, what was answered and what was recorded of it. */
@Injectable()
export class ReceiptsService {
  constructor(
    private readonly capture: CaptureService,
    private readonly key: SigningKey,
    private readonly clock: Clock,
  ) {}

  /** @throws tooManyReceiptRows before anything is run: a receipt names each row */
  requireFewRows(rows: number): void {
    if (rows > maxRows) throw tooManyReceiptRows({ rows, maxRows });
  }

  /**
   * A signed note about the answer; hashes of rows are salted, and the salts are in the receipt alone.
   * @param words what each row is answered with where that is not the outputs themselves
   */
  sign(answered: Answered, { isRecorded, from, to }: RecordedIn, words?: readonly object[]): string {
    const { loaded, predictionIds, capture, requestId, keyId } = answered;
    const rows = predictionIds.map((predictionId, row): ReceiptRow => {
      const salt = this.key.saltOf(predictionId);
      const { inputs, outputs } = hashesOf(answered, row, salt);
      const kept = isRecorded ? treatmentOf(capture, predictionId) : 'none';
      const answer = words ? { answer: hex(commitTo(wordsOf({ ...words[row] }), salt)) } : {};
      return { predictionId, inputs: hex(inputs), outputs: hex(outputs), ...answer, salt: hex(salt), kept };
    });
    const isKept = rows.some(({ kept }) => kept !== 'none');
    return signReceipt(
      {
        format: 'bascule.receipt/v1',
        modelName: loaded.modelName,
        modelVersion: loaded.routed.version,
        artifactDigest: loaded.routed.artifactDigest,
        requestId,
        keyId,
        answeredAt: this.clock.now().toISOString(),
        producer: this.capture.producer,
        blocks: isKept ? { from, to } : null,
        rows,
        outputNames: loaded.routed.signature.outputs.map(({ name }) => name),
      },
      this.key.signer,
    );
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
