import type { StoredEntry } from './audit.queries.js';
import { disclosedPayload } from './disclosed-payload.js';

const feedbackTypes: readonly string[] = ['serving.decision.recorded.v1', 'serving.ground-truth.received.v1'];

/**
 * Whether an entry may speak about predictions of a model. A gateway cannot know which model a prediction id belongs to, so
 * a submission for one model can name a prediction of another. An erased one says nothing more and stays.
 */
export function isAboutModel({ type, payload }: Pick<StoredEntry, 'type' | 'payload'>, modelName: string): boolean {
  if (!feedbackTypes.includes(type)) return true;
  const said = disclosedPayload(type, payload);
  return said === null || (typeof said === 'object' && (said as { modelName?: unknown }).modelName === modelName);
}
