import type { GateResult, ModelSignature } from '@bascule/contracts';
import { met, notMet } from '../policies/gate-results.js';
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

/** Whether everything that active keys asked in so many days could be answered. Requests nobody recorded are missing evidence. */
export function consumerRule(days: number, { signature, requests, unrecordedRows, hasChampion }: ConsumerEvidence): GateResult {
  if (!hasChampion && requests.length === 0) return met(gate, 'nothing answers yet: no client depends on it');
  const reasons = requests.flatMap(({ keyId, identity, rowCount, unreadCount, inputs }) => {
    const whose = identity ? `${identity} (key ${keyId})` : keyId;
    if (rowCount <= unreadCount) return [`${whose}: only hashes of ${rowCount} requests were kept, nobody can tell`];
    return formFaults(inputs, signature).map((fault) => `${whose}: ${fault}`);
  });
  if (requests.length === 0 && unrecordedRows > 0)
    reasons.push(`${unrecordedRows} rows were answered in ${days} days and none was recorded`);
  if (reasons.length > 0) return notMet(gate, ...reasons);
  if (requests.length === 0) return met(gate, `no active key asked in ${days} days`);
  const rows = requests.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const rest = unrecordedRows > 0 ? `; ${unrecordedRows} rows were not recorded` : '';
  return met(
    gate,
    `${rows} rows that ${requests.length} ${requests.length === 1 ? 'key' : 'keys'} asked in ${days} days can be answered${rest}`,
  );
}
