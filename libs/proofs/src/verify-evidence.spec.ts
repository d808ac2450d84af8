import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import {
  commitTo,
  type EntryFacts,
  type EvidenceBundle,
  entryLeaf,
  formatCheckpoint,
  inclusionProof,
  newSalt,
  newSignerKey,
  readSignerKey,
  rootOf,
  rowLeaf,
  rowSalt,
  sealEvidence,
  signNote,
  verifierKeyOf,
  verifyEvidence,
} from './index.js';

const signer = readSignerKey(newSignerKey('bascule/test'));
const verifierKey = verifierKeyOf(signer);
const hex = (hashes: Buffer[]) => hashes.map((hash) => hash.toString('hex'));

function bundleOf(change: (bundle: EvidenceBundle) => Partial<EvidenceBundle> = () => ({})): EvidenceBundle {
  const blockSalt = newSalt();
  const rows = ['C-1', 'C-2', 'C-3'].map((clientRecordId) => ({ clientRecordId, probability: 0.25 }));
  const rowLeaves = rows.map((row, i) => rowLeaf(row, rowSalt(blockSalt, i)));
  const salt = newSalt();
  const decision = { outcome: 'inspect' };
  const common = { schemaVersion: 1 as const, source: 'serving', time: '2001-01-01T00:00:00.000Z' };
  const facts: EntryFacts[] = [
    {
      ...common,
      id: 'a',
      type: 'serving.prediction.logged.v1',
      subject: 'g',
      payload: { rowRoot: rootOf(rowLeaves).toString('hex'), rowCount: 3, producer: 'g', sequence: 1 },
    },
    {
      ...common,
      id: 'b',
      type: 'serving.decision.recorded.v1',
      subject: 'd',
      causationId: 'a',
      payload: { commitment: commitTo(decision, salt).toString('hex') },
    },
  ];
  const leaves = facts.map(entryLeaf);
  const bundle = {
    format: 'bascule.evidence/v1' as const,
    question: { clientRecordId: 'C-2' },
    createdAt: '2001-01-02T00:00:00.000Z',
    checkpoint: signNote(formatCheckpoint({ origin: 'bascule/test', size: 2, root: rootOf(leaves) }), signer),
    entries: [
      {
        index: 0,
        facts: facts[0]!,
        payload: null,
        salt: null,
        proof: hex(inclusionProof(leaves, 0)),
        rows: [{ row: 1, payload: rows[1], salt: rowSalt(blockSalt, 1).toString('hex'), proof: hex(inclusionProof(rowLeaves, 1)) }],
      },
      { index: 1, facts: facts[1]!, payload: decision, salt: salt.toString('hex'), proof: hex(inclusionProof(leaves, 1)) },
    ],
    completeness: {
      treeSize: 2,
      items: [
        { what: 'prediction', status: 'found' as const, entries: [0] },
        { what: 'decision', status: 'found' as const, entries: [1] },
      ],
      gaps: [],
      droppedPredictions: 0,
    },
  };
  return sealEvidence({ ...bundle, ...change(bundle as unknown as EvidenceBundle) }, signer);
}

/** Every path to a text or number inside a value. */
function pathsOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]));
}

interface Tree {
  [key: string | number]: Tree;
}

function tampered(bundle: EvidenceBundle, path: (string | number)[]): unknown {
  const copy = structuredClone(bundle) as unknown as Tree;
  const parent = path.slice(0, -1).reduce((node, key) => node[key]!, copy);
  const last = path.at(-1)!;
  const value: unknown = parent[last];
  const changed = typeof value === 'string' ? value.replace(/[a-z0-9]/, (c) => (c === '1' ? '2' : '1')) : 'x';
  parent[last] = (typeof value === 'number' ? value + 1 : changed) as never;
  return copy;
}

describe('an evidence bundle', () => {
  it('verifies offline with the key alone', () => {
    assert.deepEqual(verifyEvidence(JSON.parse(JSON.stringify(bundleOf())), verifierKey), {
      integrity: true,
      completeness: true,
      problems: [],
    });
  });

  it('loses its integrity when any field is changed', () => {
    const bundle = bundleOf();
    const paths = pathsOf(bundle);
    assert.ok(paths.length > 40);
    for (const path of paths) assert.equal(verifyEvidence(tampered(bundle, path), verifierKey).integrity, false, path.join('.'));
  });

  it('does not take another key for the right one', () => {
    const other = verifierKeyOf(readSignerKey(newSignerKey('bascule/test')));
    assert.equal(verifyEvidence(bundleOf(), other).integrity, false);
  });

  it('detects a payload changed by the keeper, who could seal it again', () => {
    const bundle = bundleOf(({ entries }) => ({ entries: [entries[0]!, { ...entries[1]!, payload: { outcome: 'pay' } }] }));
    const { integrity, problems } = verifyEvidence(bundle, verifierKey);
    assert.equal(integrity, false);
    assert.match(problems.join(), /not the one committed to/);
  });

  it('detects a row changed by the keeper', () => {
    const bundle = bundleOf(({ entries }) => ({
      entries: [
        { ...entries[0]!, rows: [{ ...entries[0]!.rows![0]!, payload: { clientRecordId: 'C-2', probability: 0.9 } }] },
        entries[1]!,
      ],
    }));
    assert.match(verifyEvidence(bundle, verifierKey).problems.join(), /row 1 is not in its block/);
  });

  it('keeps its integrity but not its completeness when something is missing', () => {
    const bundle = bundleOf(({ completeness }) => ({
      completeness: {
        ...completeness,
        items: [...completeness.items, { what: 'ground truth', status: 'missing', entries: [] }],
        gaps: [{ producer: 'g', from: 2, to: 3 }],
      },
    }));
    const { integrity, completeness, problems } = verifyEvidence(bundle, verifierKey);
    assert.deepEqual([integrity, completeness, problems.length], [true, false, 2]);
  });

  it('keeps its integrity when a payload was erased', () => {
    const bundle = bundleOf(({ entries }) => ({ entries: [entries[0]!, { ...entries[1]!, payload: null, salt: null }] }));
    const { integrity, completeness } = verifyEvidence(bundle, verifierKey);
    assert.deepEqual([integrity, completeness], [true, false]);
  });

  it('refuses what is not a bundle', () => {
    for (const value of [null, [], 'x', {}, { ...bundleOf(), extra: 1 }]) assert.equal(verifyEvidence(value, verifierKey).integrity, false);
  });
});
