import type { KeyObject } from 'node:crypto';
import type { RunSucceeded } from '@bascule/contracts';
import { signProvenance } from '@bascule/proofs';

/** What a run says its model was made from, signed. @param subject the file it speaks of, when that is not the model of the run */
export function signedStatement(run: RunSucceeded['data'], privateKey: KeyObject, subject = run.artifactDigest): string {
  return signProvenance(
    {
      subjects: [{ name: 'model.onnx', digest: subject }],
      buildType: 'https://example.org/run/v1',
      externalParameters: {},
      internalParameters: {},
      dependencies: [{ name: 'dataset', digest: run.datasetVersion }],
      builder: { id: 'https://example.org/training', version: {} },
      invocationId: run.runId,
      startedOn: run.trainedOn.from,
      finishedOn: run.trainedOn.to,
      byproducts: [],
    },
    privateKey,
  );
}
