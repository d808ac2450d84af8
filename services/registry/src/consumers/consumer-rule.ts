import type { GateResult, ModelSignature } from '@bascule/contracts';
import { met, notMet } from '../policies/gate-results.js';
import type { PromotionPolicy } from '../policies/policy.schema.js';
import { formFaults, type RequestForm } from './request-forms.js';

/** What one active key asked lately. */
export interface KeyRequests {
  readonly keyId: string;
  /** Whose key it is, where that is known. */
  readonly identity?: string | undefined;
  readonly rowCount: number;
  /** Rows of which only hashes were kept. */
  readonly unreadCount: number;
  readonly inputs: RequestForm;
}

export interface ConsumerEvidence {
  readonly signature: ModelSignature;
  readonly requests: readonly KeyRequests[];
  /** Rows that were answered and of which nothing was kept, nobody knows for whom. */
  readonly unrecordedRows: number;
  readonly hasChampion: boolean;
}

const gate = 'consumers';

/**
 * Whether everything that active keys asked in so many days could be answered. Requests nobody recorded are missing evidence: a key of
 * which nothing is known keeps every version down, and of the others no larger a share may be unknown than the policy says.
 */
export function consumerRule(
  { days, maxUnrecordedShare }: PromotionPolicy['consumers'],
  { signature, requests, unrecordedRows, hasChampion }: ConsumerEvidence,
): GateResult {
  if (!hasChampion && requests.length === 0) return met(gate, 'nothing answers yet: no client depends on it');
  const reasons = requests.flatMap(({ keyId, identity, rowCount, unreadCount, inputs }) => {
    const whose = identity ? `${identity} (key ${keyId})` : keyId;
    if (rowCount <= unreadCount) return [`${whose}: the values of none of ${rowCount} rows were kept, nobody can tell`];
    return formFaults(inputs, signature).map((fault) => `${whose}: ${fault}`);
  });
  const known = requests.filter(({ rowCount, unreadCount }) => rowCount > unreadCount);
  const kept = known.reduce((sum, { rowCount, unreadCount }) => sum + rowCount - unreadCount, 0);
  const unknown = known.reduce((sum, { unreadCount }) => sum + unreadCount, unrecordedRows);
  const share = unknown === 0 ? 0 : Number((unknown / (kept + unknown)).toFixed(6));
  const margin = maxUnrecordedShare - share;
  const rest = `the values of ${unknown} of ${kept + unknown} rows of ${days} days were not kept`;
  if (margin < 0) reasons.push(`${rest}, a share of ${share}, and at most ${maxUnrecordedShare} is allowed: whoever sent them may break`);
  if (reasons.length > 0) return { ...notMet(gate, ...reasons), ...(margin < 0 ? { margin } : {}) };
  if (requests.length === 0 && unknown === 0) return met(gate, `no active key asked in ${days} days`);
  const whose = `${requests.length} ${requests.length === 1 ? 'key' : 'keys'}`;
  const answerable = `${kept} rows that ${whose} asked in ${days} days can be answered`;
  return met(gate, unknown === 0 ? answerable : `${answerable}; ${rest}, which the policy allows`);
}
