import { createPublicKey, type KeyObject } from 'node:crypto';
import type { RoutedVersion } from '@bascule/contracts';
import { verifyModelBundle } from '@bascule/proofs';
import { tamperedReason } from './load-reasons.js';

/** Why the signature a version was approved with does not cover its artifact; empty when it does. */
export function signedArtifactFaults(
  bundle: string,
  { artifactDigest, signed }: Pick<RoutedVersion, 'artifactDigest' | 'signed'>,
): string[] {
  const key = keyOf(signed?.publicKey);
  if (!key) return [tamperedReason('the key it was approved with cannot be read')];
  const verdict = verifyModelBundle(bundle, [key]);
  if (!verdict.ok) return [tamperedReason(`its signature: ${verdict.reason}`)];
  const isCovered = verdict.statement.files.some(({ digest }) => digest === artifactDigest);
  return isCovered ? [] : [tamperedReason('its signature is that of another artifact')];
}

function keyOf(pem: string | undefined): KeyObject | undefined {
  try {
    return pem === undefined ? undefined : createPublicKey(pem);
  } catch {
    return undefined;
  }
}
