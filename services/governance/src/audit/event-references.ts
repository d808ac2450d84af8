/** How an event stands to a thing: it brought the thing about, it happened because of the thing, or it speaks of it. */
export type ReferenceRole = 'defines' | 'because' | 'mentions';

/** One thing an event refers to, written `<kind>/<id>`. */
export interface EventReference {
  readonly reference: string;
  readonly role: ReferenceRole;
}

type Data = Record<string, unknown>;
type Rule = (data: Data) => EventReference[];

/** The name of a thing in the audit log. */
export const referenceTo = {
  version: (model: unknown, version: unknown) => `version/${model}@${version}`,
  /** A version that an alias points at no more. */
  leftVersion: (model: unknown, version: unknown) => `left-version/${model}@${version}`,
  record: (model: unknown, clientRecordId: unknown) => `record/${model}/${clientRecordId}`,
} as const;

const ref = (role: ReferenceRole, kind: string, id: unknown): EventReference[] =>
  typeof id === 'string' || typeof id === 'number' ? [{ reference: `${kind}/${id}`, role }] : [];
const version = (role: ReferenceRole, data: Data): EventReference[] => {
  const number = data['version'] ?? data['modelVersion'];
  return typeof number === 'number' ? [{ reference: referenceTo.version(data['modelName'], number), role }] : [];
};
const left: Rule = ({ modelName, previousVersion }) =>
  typeof previousVersion === 'number' ? [{ reference: referenceTo.leftVersion(modelName, previousVersion), role: 'mentions' }] : [];
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const run: Rule = (d) => ref('defines', 'run', d['runId']);
const rollout: Rule = (d) => [
  ...ref('defines', 'rollout', d['rolloutId']),
  ...ref('because', 'promotion', d['promotionId']),
  ...version('mentions', d),
];
const observation: Rule = (d) => [...ref('defines', 'report', d['reportId']), ...version('because', d)];
const batch: Rule = (d) => ref('defines', 'batch', d['batchId']);
const approval: Rule = (d) => [...ref('defines', 'approval', d['approvalId']), ...ref('because', 'promotion', d['promotionId'])];
const alert: Rule = (d) => ref('defines', 'alert', d['alertId']);
const promotion: Rule = (d) => [...ref('defines', 'promotion', d['promotionId']), ...version('because', d)];
const producer: Rule = (d) => ref('mentions', 'producer', d['producer']);
const batchJob: Rule = (d) => [
  ...ref('defines', 'batch-job', d['jobId']),
  ...version('because', d),
  ...(d['datasetName'] === undefined ? [] : ref('because', 'dataset', d['inputDigest'])),
];
const batchPiece: Rule = (d) => ref('mentions', 'batch-job', d['jobId']);
const proposal: Rule = (d) => [
  ...ref('defines', 'proposal', d['proposalId']),
  ...ref('because', 'trigger', d['triggerId']),
  ...ref('mentions', 'run', d['runId']),
];
const load: Rule = (d) => version('because', d);
const aboutPredictions: Rule = (d) => [
  ...ref('defines', 'submission', d['submissionId']),
  ...list(d['items']).flatMap((item) => {
    const { predictionId, clientRecordId } = (item ?? {}) as Data;
    if (typeof predictionId === 'string') return ref('mentions', 'prediction', predictionId);
    return typeof clientRecordId === 'string'
      ? [{ reference: referenceTo.record(d['modelName'], clientRecordId), role: 'mentions' as const }]
      : [];
  }),
];

const rules: Record<string, Rule> = {
  'ingestion.batch.received.v1': batch,
  'ingestion.batch.validated.v1': batch,
  'ingestion.batch.rejected.v1': batch,
  'ingestion.batch.resubmitted.v1': (d) => [...ref('because', 'batch', d['batchId']), ...ref('defines', 'batch', d['resubmittedBatchId'])],
  'ingestion.quarantine.settled.v1': (d) => [...ref('because', 'batch', d['batchId']), ...ref('defines', 'batch', d['resubmittedBatchId'])],
  'ingestion.dataset.published.v1': (d) => [
    ...ref('defines', 'dataset', d['datasetVersion']),
    ...ref('mentions', 'dataset', d['parentVersion']),
    ...list(d['batchIds']).flatMap((id) => ref('because', 'batch', id)),
  ],
  'ingestion.dataset.profiled.v1': (d) => ref('mentions', 'dataset', d['datasetVersion']),
  'ingestion.dataset.tagged.v1': (d) => [
    ...ref('mentions', 'dataset', d['datasetVersion']),
    ...ref('mentions', 'dataset', d['previousVersion']),
  ],
  'ingestion.records.erased.v1': (d) => [
    ...ref('because', 'dataset', d['datasetVersion']),
    ...list(d['affectedVersions']).flatMap((version) => ref('mentions', 'dataset', version)),
  ],
  'training.trigger.decided.v1': (d) => [...ref('defines', 'trigger', d['triggerId']), ...ref('mentions', 'run', d['runId'])],
  'training.proposal.opened.v1': proposal,
  'training.proposal.answered.v1': proposal,
  'training.run.requested.v1': (d) => [
    ...run(d),
    ...ref('because', 'dataset', d['datasetVersion']),
    ...ref('because', 'trigger', d['triggerId']),
  ],
  'training.run.started.v1': run,
  'training.run.succeeded.v1': (d) => [
    ...run(d),
    ...ref('because', 'dataset', d['datasetVersion']),
    ...ref('defines', 'artifact', d['artifactDigest']),
  ],
  'training.run.failed.v1': run,
  'training.run.cancelled.v1': run,
  'registry.version.registered.v1': (d) => [
    ...version('defines', d),
    ...ref('because', 'run', d['runId']),
    ...ref('defines', 'artifact', d['artifactDigest']),
  ],
  'registry.version.refused.v1': (d) => [...ref('because', 'run', d['runId']), ...ref('mentions', 'artifact', d['artifactDigest'])],
  'registry.version.archived.v1': (d) => version('because', d),
  'registry.promotion.requested.v1': promotion,
  'registry.promotion.approved.v1': promotion,
  'registry.promotion.refused.v1': promotion,
  'registry.alias.moved.v1': (d) => [
    ...version('mentions', d),
    ...ref('because', 'rollout', d['rolloutId']),
    ...ref('because', 'promotion', d['promotionId']),
    ...ref('defines', 'alias', `${d['modelName']}@${d['alias']}`),
    ...left(d),
  ],
  'registry.version.signed.v1': (d) => version('because', d),
  'registry.signing-key.changed.v1': (d) => ref('defines', 'signing-key', d['keyId']),
  'registry.provenance-key.changed.v1': (d) => ref('defines', 'provenance-key', d['keyId']),
  'registry.artifact.collected.v1': (d) => ref('because', 'artifact', d['digest']),
  'registry.policy.changed.v1': (d) => ref('defines', 'policy', `${d['modelName']}@${d['revision']}`),
  'registry.evidence.recorded.v1': (d) => [...ref('defines', 'evidence', d['evidenceId']), ...version('mentions', d)],
  'registry.load-test.requested.v1': (d) => [...ref('defines', 'load-test', d['loadTestId']), ...version('because', d)],
  'registry.webhook.changed.v1': (d) => ref('defines', 'webhook', d['webhookId']),
  'registry.webhook.given-up.v1': (d) => ref('because', 'webhook', d['webhookId']),
  'registry.alias.removed.v1': (d) => [...ref('defines', 'alias', `${d['modelName']}@${d['alias']}`), ...left(d)],
  'registry.details.changed.v1': (d) => version('mentions', d),
  'serving.rollout.started.v1': rollout,
  'serving.rollout.advanced.v1': rollout,
  'serving.rollout.completed.v1': rollout,
  'serving.rollout.rolled-back.v1': rollout,
  'serving.rollout.aborted.v1': rollout,
  'serving.rollout.steered.v1': rollout,
  'serving.rollout.tripped.v1': (d) => [...ref('because', 'rollout', d['rolloutId']), ...version('mentions', d)],
  'serving.model.loaded.v1': load,
  'serving.model.load-refused.v1': load,
  'serving.batch-job.accepted.v1': batchJob,
  'serving.batch-job.finished.v1': batchJob,
  'serving.batch-piece.finished.v1': batchPiece,
  'serving.batch-piece.refused.v1': batchPiece,
  'serving.endpoint.changed.v1': (d) => version('mentions', { modelName: d['modelName'], ...((d['shadow'] ?? {}) as Data) }),
  'serving.load-test.finished.v1': (d) => [...ref('because', 'load-test', d['loadTestId']), ...version('mentions', d)],
  'serving.availability.measured.v1': (d) => ref('mentions', 'model', d['modelName']),
  'serving.gateway.started.v1': producer,
  'serving.gateway.stopped.v1': producer,
  'serving.ground-truth.received.v1': aboutPredictions,
  'serving.decision.recorded.v1': aboutPredictions,
  'monitoring.drift.detected.v1': observation,
  'monitoring.drift.cleared.v1': observation,
  'monitoring.feature.broken.v1': observation,
  'monitoring.performance.degraded.v1': observation,
  'monitoring.canary.judged.v1': (d) => [...ref('because', 'rollout', d['rolloutId']), ...version('mentions', d)],
  'monitoring.capture.gap-detected.v1': producer,
  'monitoring.alert.raised.v1': alert,
  'monitoring.alert.resolved.v1': alert,
  'governance.approval.voted.v1': (d) => [
    ...ref('mentions', 'approval', d['approvalId']),
    ...ref('because', 'promotion', d['promotionId']),
  ],
  'governance.approval.granted.v1': approval,
  'governance.approval.denied.v1': approval,
  'governance.access.changed.v1': (d) => ref('defines', 'key', d['keyId']),
  'governance.checkpoint.signed.v1': (d) => ref('defines', 'checkpoint', d['treeSize']),
};

/** Every thing an event refers to, once per role. An event of an unknown type refers to nothing. */
export function referencesOf(type: string, data: unknown): EventReference[] {
  if (typeof data !== 'object' || data === null) return [];
  const found = rules[type]?.(data as Data) ?? [];
  // an index of PostgreSQL takes no long texts and no NUL
  const usable = found.filter(({ reference }) => reference.length <= 500 && !reference.includes('\0'));
  return [...new Map(usable.map((one) => [`${one.role} ${one.reference}`, one])).values()];
}

/** Event types that have a rule; a test holds them against the catalogue. */
export const typesWithReferences = Object.keys(rules);

/** Every kind of thing, in the order in which a bare id is looked up. */
export const referenceKinds = [
  'run',
  'batch',
  'promotion',
  'rollout',
  'dataset',
  'version',
  'approval',
  'report',
  'trigger',
  'proposal',
  'batch-job',
  'submission',
  'artifact',
  'alert',
  'key',
] as const;
