import { hash } from 'node:crypto';
import type { CaptureSetting } from '@bascule/contracts';

/** What is kept of one row. */
export type Treatment = 'values' | 'hashes' | 'none';

const places = 10_000;

/**
 * What is kept of a row. A sample is drawn by the prediction id, which nobody outside can choose: the same id is
 * captured everywhere or nowhere, and whoever has the id can tell which it should be.
 */
export function treatmentOf(setting: CaptureSetting | undefined, predictionId: string): Treatment {
  switch (setting?.level) {
    case 'off':
      return 'none';
    case 'hashes':
      return 'hashes';
    case 'sampled':
      return isSampled(predictionId, setting.samplePercent ?? 100) ? 'values' : 'none';
    default:
      return 'values';
  }
}

/** True when the id falls into a sample of so many percent. */
export function isSampled(predictionId: string, percent: number): boolean {
  return hash('sha256', predictionId, 'buffer').readUIntBE(0, 6) % places < (percent / 100) * places;
}
