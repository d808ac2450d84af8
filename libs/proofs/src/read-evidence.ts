import type { EvidenceBundle } from './evidence.js';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const anything: Check = (value) => value !== undefined;

function record(members: Record<string, Check>): Check {
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((key) => key in members) &&
    Object.entries(members).every(([key, check]) => check((value as Record<string, unknown>)[key]));
}

const commitment = record({ commitment: isHash });
const rowTree = record({
  rowRoot: isHash,
  rowCount: isCount,
  producer: optional(isText),
  sequence: optional(isCount),
  dropped: optional(isCount),
  leftOut: optional(isCount),
});

const facts = record({
  schemaVersion: (value) => value === 1,
  id: isText,
  type: isText,
  source: isText,
  subject: isText,
  time: isText,
  correlationId: optional(isText),
  causationId: optional(isText),
  payload: (value) => commitment(value) || rowTree(value),
});

const row = record({ row: isCount, payload: anything, salt: nullable(isHash), proof: listOf(isHash) });

const parts: Record<string, Check> = {
  format: (value) => value === 'bascule.evidence/v1',
  question: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isText),
  createdAt: isText,
  checkpoint: isText,
  entries: listOf(
    record({ index: isCount, facts, payload: anything, salt: nullable(isHash), rows: optional(listOf(row)), proof: listOf(isHash) }),
  ),
  completeness: record({
    treeSize: isCount,
    items: listOf(
      record({
        what: isText,
        status: (value) => value === 'found' || value === 'missing' || value === 'not-expected',
        entries: listOf(isCount),
        note: optional(isText),
      }),
    ),
    gaps: listOf(record({ producer: isText, from: isCount, to: isCount })),
    droppedPredictions: isCount,
  }),
  seal: isText,
};

/** Checks the shape of an untrusted bundle; unknown members are refused, because nothing would vouch for them. */
export function readEvidence(value: unknown): { bundle: EvidenceBundle; faults: [] } | { bundle?: undefined; faults: string[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { faults: ['the bundle is not a JSON object'] };
  const given = value as Record<string, unknown>;
  const faults = [
    ...Object.entries(parts).flatMap(([key, check]) => (check(given[key]) ? [] : [`${key} is missing or malformed`])),
    ...Object.keys(given).flatMap((key) => (key in parts ? [] : [`${key} does not belong in a bundle`])),
  ];
  return faults.length > 0 ? { faults } : { bundle: value as EvidenceBundle, faults: [] };
}
