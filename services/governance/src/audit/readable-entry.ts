import { type Credential, matchesAny, modelNotAllowed } from '@bascule/access';
import { catalogue } from '@bascule/contracts';
import type { StoredEntry } from './audit.queries.js';
import { disclosedPayload } from './disclosed-payload.js';

type Reader = Pick<Credential, 'models' | 'datasets'>;
type Entry = Pick<StoredEntry, 'type' | 'subject' | 'payload'>;

const subjectFields = new Map<string, string>(
  catalogue.flatMap((definition) => ('subjectField' in definition ? [[definition.type, definition.subjectField] as const] : [])),
);

/** Whether a key's patterns cover every model and dataset an entry names. An entry that names none is everybody's who may read the log. */
export function mayRead(reader: Reader, { type, subject, payload }: Entry): boolean {
  if (matchesAny(reader.models, '*') && matchesAny(reader.datasets, '*')) return true;
  const subjectField = subjectFields.get(type);
  // an erased payload leaves the subject
  if (payload === null) return subjectField === undefined || coversNames(reader, { [subjectField]: subject });
  const said = disclosedPayload(type, payload);
  // bytes of a bulk type that could not be read, or events of a type nobody knows
  if (subjectField === undefined && !hasRows(said)) return false;
  return coversNames(reader, said);
}

/** Throws `access.model_not_allowed` unless the key may read the entry. The answer does not say what it is about. */
export function requireEntry(reader: Reader, entry: Entry): void {
  if (!mayRead(reader, entry)) throw entryNotAllowed();
}

export function entryNotAllowed(): Error {
  return modelNotAllowed({}, 'The key may not touch a model or dataset this is about.');
}

/** Whether the patterns cover every name in what an event says, or in the rows of a block. */
export function coversNames({ models, datasets }: Reader, said: unknown): boolean {
  return namesIn(said).every(
    ({ modelName, datasetName }) =>
      (typeof modelName !== 'string' || matchesAny(models, modelName)) &&
      (typeof datasetName !== 'string' || matchesAny(datasets, datasetName)),
  );
}

function namesIn(said: unknown): Record<string, unknown>[] {
  const objects = hasRows(said) ? [...said.rows, ...(said.tallies ?? [])] : [said];
  return objects.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null);
}

function hasRows(said: unknown): said is { rows: unknown[]; tallies?: unknown[] } {
  return typeof said === 'object' && said !== null && 'rows' in said && Array.isArray(said.rows);
}
