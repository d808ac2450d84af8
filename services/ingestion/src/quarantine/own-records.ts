import type { Credential } from '@bascule/access';
import type { BatchEntity } from '../batches/batch.entity.js';
import { batchOfAnother } from '../errors.js';

/** Whose batches alone the holder of a key may read record by record: a client its own; undefined for those who look after the data. */
export function onlySender({ roles, identity }: Pick<Credential, 'roles' | 'identity'>): string | undefined {
  return roles.every((role) => role === 'client') ? identity : undefined;
}

/** @throws ingestion.batch_of_another when a client asks for records that somebody else sent */
export function requireRecords(
  credential: Pick<Credential, 'roles' | 'identity'>,
  { id, sentBy }: Pick<BatchEntity, 'id' | 'sentBy'>,
): void {
  const sender = onlySender(credential);
  if (sender !== undefined && sender !== sentBy) throw batchOfAnother({ id });
}
