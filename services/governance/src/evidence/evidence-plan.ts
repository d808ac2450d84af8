import type { EvidenceItem } from '@bascule/proofs';

/** What the log knows about one entry, as far as planning needs it. */
export interface KnownEntry {
  readonly index: number;
  readonly type: string;
}

/** One thing that evidence should show. */
export interface Wanted {
  readonly what: string;
  readonly types: readonly string[];
  /** False: its absence is a fact of life (no settlement yet), not a hole. */
  readonly isRequired: boolean;
  readonly note?: string;
}

/** What evidence about an answer should show. */
export const wantedForPrediction: readonly Wanted[] = [
  { what: 'prediction', types: ['serving.prediction.logged.v1'], isRequired: true },
  { what: 'decision', types: ['serving.decision.recorded.v1'], isRequired: false, note: 'the client reported no decision' },
  { what: 'ground truth', types: ['serving.ground-truth.received.v1'], isRequired: false, note: 'the client reported no ground truth' },
];

/** What evidence about a model version should show. */
export const wantedForVersion: readonly Wanted[] = [
  { what: 'registration', types: ['registry.version.registered.v1'], isRequired: true },
  {
    what: 'training run',
    types: ['training.run.requested.v1', 'training.run.succeeded.v1'],
    isRequired: false,
    note: 'the version was uploaded',
  },
  { what: 'dataset version', types: ['ingestion.dataset.published.v1'], isRequired: false, note: 'the version was uploaded' },
];

/** What evidence about a promotion should show. */
export const wantedForPromotion: readonly Wanted[] = [
  { what: 'promotion request', types: ['registry.promotion.requested.v1'], isRequired: true },
  {
    what: 'approval',
    types: ['governance.approval.granted.v1', 'governance.approval.denied.v1'],
    isRequired: false,
    note: 'nobody has voted',
  },
  {
    what: 'promotion outcome',
    types: ['registry.promotion.approved.v1', 'registry.promotion.refused.v1'],
    isRequired: false,
    note: 'the promotion is open',
  },
  { what: 'rollout start', types: ['serving.rollout.started.v1'], isRequired: false, note: 'no rollout started' },
  {
    what: 'rollout end',
    types: ['serving.rollout.completed.v1', 'serving.rollout.rolled-back.v1', 'serving.rollout.aborted.v1'],
    isRequired: false,
    note: 'the rollout has not ended',
  },
  { what: 'alias move', types: ['registry.alias.moved.v1'], isRequired: false, note: 'the alias did not move' },
];

/** An outcome that cannot be there without these before it. */
const implied: Readonly<Record<string, readonly string[]>> = {
  'promotion outcome': ['promotion request'],
  'rollout start': ['promotion request', 'approval', 'promotion outcome'],
  'rollout end': ['promotion request', 'approval', 'promotion outcome'],
  'alias move': ['promotion request', 'approval', 'promotion outcome', 'rollout start', 'rollout end'],
};

/** States for each wanted thing whether the entries show it; what a found thing cannot be without is then required. */
export function stateItems(wanted: readonly Wanted[], entries: readonly KnownEntry[]): EvidenceItem[] {
  const found = wanted.map((want) => ({
    want,
    indexes: entries.filter(({ type }) => want.types.includes(type)).map(({ index }) => index),
  }));
  const needed = new Set(found.filter(({ indexes }) => indexes.length > 0).flatMap(({ want }) => implied[want.what] ?? []));
  return found.map(({ want: { what, isRequired, note }, indexes }) => {
    if (indexes.length > 0) return { what, status: 'found', entries: indexes };
    const status = isRequired || needed.has(what) ? 'missing' : 'not-expected';
    return { what, status, entries: [], ...(note && status === 'not-expected' ? { note } : {}) };
  });
}
