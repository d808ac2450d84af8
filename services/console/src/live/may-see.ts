import { type Credential, matchesAny } from '@bascule/access';
import { type AccessChanged, accessChanged, type Role } from '@bascule/contracts';
import type { LiveEvent } from './live-event.js';

const readers: readonly Role[] = ['operator', 'scientist', 'approver', 'auditor', 'admin'];
/** Roles that may list keys. */
const keyReaders: readonly Role[] = ['auditor', 'admin'];
const keyChanges: AccessChanged['type'] = accessChanged.type;

/** Whether a key may see an event: by its roles, and by its patterns where the event names a model or a dataset. */
export function maySee({ roles, models, datasets }: Credential, { type, data }: Pick<LiveEvent, 'type' | 'data'>): boolean {
  const allowed = type === keyChanges ? keyReaders : readers;
  if (!allowed.some((role) => roles.includes(role))) return false;
  const { modelName, datasetName, evaluationDatasetName, unreadable } = (data ?? {}) as Record<string, unknown>;
  // nobody can tell what an unreadable event names
  if (unreadable === true) return matchesAny(models, '*') && matchesAny(datasets, '*');
  return covers(models, modelName) && covers(datasets, datasetName) && covers(datasets, evaluationDatasetName);
}

function covers(patterns: readonly string[], name: unknown): boolean {
  return typeof name !== 'string' || matchesAny(patterns, name);
}
