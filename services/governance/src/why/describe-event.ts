import { reporterOf } from './describe-feedback.js';

type Data = Record<string, unknown>;
type Sentence = (data: Data) => string;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '?');
const short = (value: unknown): string => text(value).slice(0, 12);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const reasons = (d: Data): string => list(d['reasons']).map(text).join('; ');
/** The first warnings of a batch, and how many more there are. */
const warned = (d: Data): string => {
  const [first, ...more] = list(d['warnings']).map(text);
  if (first === undefined) return '';
  return ` Warned: ${first}${more.length > 0 ? `, and ${many(more.length, 'other thing')}` : ''}.`;
};
const model = (d: Data): string => `${text(d['modelName'])} version ${text(d['version'])}`;
const many = (count: number, word: string): string => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const day = (value: unknown): string => text(value).slice(0, 10);
const inWindow = (d: Data): string => {
  const window = (d['window'] ?? {}) as Data;
  return `between ${day(window['from'])} and ${day(window['to'])}`;
};
const metrics = (value: unknown): string =>
  Object.entries((value ?? {}) as Data)
    .filter(([, metric]) => typeof metric === 'number')
    .slice(0, 4)
    .map(([name, metric]) => `${name} ${Number((metric as number).toFixed(4))}`)
    .join(', ');
const gates = (value: unknown): string => {
  const failed = list(value).filter((gate) => (gate as Data)?.['outcome'] === 'fail');
  return failed.length === 0 ? 'all gates passed' : `gates failed: ${failed.map((gate) => text((gate as Data)['gate'])).join(', ')}`;
};
const override = (value: unknown): string => {
  const { by, reason } = (value ?? {}) as Data;
  return by === undefined ? '' : `, overridden by ${text(by)} because: ${text(reason)}`;
};
const because = ({ movedBy, reason }: Data): string =>
  movedBy === undefined ? '' : `, on the word of ${text(movedBy)}${reason === undefined ? '' : `: ${text(reason)}`}`;

const changes = (d: Data): string => {
  const { capture, shadow } = d as { capture?: Data; shadow?: Data | null };
  const captured = capture ? ` (captures ${text(capture['level'])})` : '';
  if (shadow === undefined) return captured;
  return `${captured} (${shadow === null ? 'no shadow' : `shadow: version ${text(shadow['version'])}`})`;
};

/** Events of older versions count what was dropped as quarantined. */
function quarantinedIn(d: Data): number {
  return d['droppedCount'] === undefined
    ? number(d['quarantinedCount'])
    : number(d['recordCount']) - number(d['acceptedCount']) - number(d['droppedCount']);
}

const sentences: Record<string, Sentence> = {
  'ingestion.batch.received.v1': (d) =>
    `${text(d['sentBy'])} sent a batch of ${many(number(d['sizeBytes']), 'byte')} for dataset ${text(d['datasetName'])}.`,
  'ingestion.batch.validated.v1': (d) =>
    `Of ${many(number(d['recordCount']), 'record')} ${number(d['acceptedCount'])} met the contract ${text(d['contractName'])}; ${quarantinedIn(d)} went to quarantine, ${number(d['duplicateCount'])} were duplicates.${warned(d)}`,
  'ingestion.batch.rejected.v1': (d) => `The batch for dataset ${text(d['datasetName'])} was rejected: ${reasons(d)}.`,
  'ingestion.batch.resubmitted.v1': (d) =>
    `${text(d['resubmittedBy'])} sent the rejected batch for dataset ${text(d['datasetName'])} again: ${text(d['reason'])}.`,
  'ingestion.quarantine.settled.v1': (d) =>
    `${text(d['settledBy'])} ${text(d['outcome'])} ${many(list(d['rows']).length, 'record')} in quarantine, ${number(d['correctedCount'])} of them corrected: ${text(d['reason'])}.`,
  'ingestion.dataset.published.v1': (d) =>
    `Dataset ${text(d['datasetName'])} got version ${short(d['datasetVersion'])} with ${many(number(d['rowCount']), 'row')}, ${number(d['newLabelledCount'])} of them newly labelled.`,
  'ingestion.dataset.profiled.v1': (d) =>
    `What version ${short(d['datasetVersion'])} of dataset ${text(d['datasetName'])} holds was written down: ${many(number(d['rowCount']), 'row')}, ${number(d['labelledCount'])} of them labelled.`,
  'ingestion.dataset.tagged.v1': (d) =>
    d['datasetVersion'] === null
      ? `${text(d['taggedBy'])} took the tag ${text(d['tag'])} of dataset ${text(d['datasetName'])} away.`
      : `${text(d['taggedBy'])} tagged version ${short(d['datasetVersion'])} of dataset ${text(d['datasetName'])} as ${text(d['tag'])}.`,
  'ingestion.records.erased.v1': (d) =>
    `${text(d['erasedBy'])} had ${many(number(d['removedCount']), 'record')} of a person taken out of dataset ${text(d['datasetName'])}, found by ${text(d['column'])}: ${text(d['reason'])}.`,
  'training.trigger.decided.v1': (d) =>
    `Pipeline ${text(d['pipelineName'])} decided to ${text(d['outcome'])} on ${text(d['cause']).replaceAll('-', ' ')}: ${reasons(d)}.`,
  'training.proposal.opened.v1': (d) =>
    `Pipeline ${text(d['pipelineName'])} proposed a run on ${text(d['cause']).replaceAll('-', ' ')}: ${reasons(d)}.`,
  'training.proposal.answered.v1': (d) =>
    `The run proposed by pipeline ${text(d['pipelineName'])} was ${text(d['answer'])} by ${text(d['answeredBy'])}: ${text(d['reason'])}.`,
  'training.run.requested.v1': (d) =>
    `${text(d['requestedBy'])} queued run ${short(d['runId'])} of ${text(d['pipelineName'])} on dataset version ${short(d['datasetVersion'])}.`,
  'training.run.started.v1': (d) => `Run ${short(d['runId'])} started, attempt ${text(d['attempt'])}.`,
  'training.run.succeeded.v1': (d) => `Run ${short(d['runId'])} made a model for ${text(d['modelName'])} (${metrics(d['metrics'])}).`,
  'training.run.failed.v1': (d) => `Run ${short(d['runId'])} failed: ${text(d['reason'])}.`,
  'training.run.cancelled.v1': (d) => `${text(d['cancelledBy'])} cancelled run ${short(d['runId'])}: ${text(d['reason'])}.`,
  'registry.version.registered.v1': (d) => `${text(d['registeredBy'])} registered ${model(d)} (${metrics(d['metrics'])}).`,
  'registry.version.refused.v1': (d) =>
    `Artifact ${short(d['artifactDigest'])} did not become a version of ${text(d['modelName'])}: ${reasons(d)}.`,
  'registry.version.archived.v1': (d) => `${text(d['archivedBy'])} archived ${model(d)}: ${text(d['reason'])}.`,
  'registry.promotion.requested.v1': (d) =>
    `${text(d['requestedBy'])} asked to bring ${model(d)} to ${text(d['environment'])}; ${gates(d['gates'])}${override(d['override'])}.`,
  'registry.promotion.approved.v1': (d) =>
    `The promotion of ${model(d)} to ${text(d['environment'])} was approved by ${text(d['approvedBy'])}${override(d['override'])}.`,
  'registry.promotion.refused.v1': (d) => `The promotion of ${model(d)} ended: ${reasons(d)}.`,
  'registry.alias.moved.v1': (d) =>
    `Alias ${text(d['alias'])} of ${text(d['modelName'])} in ${text(d['environment'])} moved ${d['previousVersion'] === undefined ? '' : `from version ${text(d['previousVersion'])} `}to version ${text(d['version'])}${because(d)}${override(d['override'])}.`,
  'registry.version.signed.v1': (d) => `${text(d['signedBy'])} signed ${model(d)} with key ${short(d['keyId'])}.`,
  'registry.signing-key.changed.v1': (d) =>
    `The key ${short(d['keyId'])} that signs models was ${text(d['change'])} by ${text(d['changedBy'])}: ${text(d['reason'])}.`,
  'registry.provenance-key.changed.v1': (d) =>
    `The key ${short(d['keyId'])} that says what models were made from was ${text(d['change'])} by ${text(d['changedBy'])}: ${text(d['reason'])}.`,
  'registry.artifact.collected.v1': (d) =>
    `${text(d['removedBy'])} removed artifact ${short(d['digest'])}, which no version had named for ${text(d['graceHours'])} hours.`,
  'registry.policy.changed.v1': (d) =>
    `${text(d['changedBy'])} set revision ${text(d['revision'])} of the promotion policy of ${text(d['modelName'])}: ${text(d['reason'])}.`,
  'registry.evidence.recorded.v1': (d) =>
    `${text(d['recordedBy'])} put evidence on record for ${d['version'] === undefined ? text(d['modelName']) : model(d)}: ${text(d['kind']).replaceAll('-', ' ')}, ${text(d['origin'])}.`,
  'registry.load-test.requested.v1': (d) => `${text(d['requestedBy'])} wants ${model(d)} put under load at a gateway.`,
  'registry.webhook.changed.v1': (d) =>
    `${text(d['changedBy'])}: the webhook ${text(d['name'])} to ${text(d['url'])} was ${text(d['change']).replaceAll('-', ' ')}.`,
  'registry.webhook.given-up.v1': (d) =>
    `A webhook was not taken after ${many(number(d['attempts']), 'attempt')}, about ${text(d['messageType'])}: ${text(d['reason'])}.`,
  'registry.alias.removed.v1': (d) =>
    `${text(d['removedBy'])} removed alias ${text(d['alias'])} of ${text(d['modelName'])} from version ${text(d['previousVersion'])}: ${text(d['reason'])}.`,
  'registry.details.changed.v1': (d) =>
    `${text(d['changedBy'])} described ${d['version'] === undefined ? text(d['modelName']) : model(d)} anew.`,
  'serving.rollout.started.v1': (d) => `The rollout of ${model(d)} began at ${text(d['percent'])} %.`,
  'serving.rollout.advanced.v1': (d) =>
    `The rollout of ${model(d)} went up to ${text(d['percent'])} %: ${reasons(d) || 'no reason given'}.`,
  'serving.rollout.completed.v1': (d) => `The rollout of ${model(d)} completed; it answers everything.`,
  'serving.rollout.rolled-back.v1': (d) => `The rollout of ${model(d)} was rolled back: ${reasons(d)}.`,
  'serving.rollout.steered.v1': (d) => `${text(d['by'])} ${text(d['action'])} the rollout of ${model(d)}: ${text(d['reason'])}.`,
  'serving.rollout.tripped.v1': (d) =>
    `A gateway saw ${model(d)} fail (${text(d['cause']).replaceAll('-', ' ')}) and sends it nothing any more: ${reasons(d)}.`,
  'serving.rollout.aborted.v1': (d) =>
    `The rollout of ${model(d)} ${d['outcome'] === 'no-winner' ? 'ended without a winner' : 'was aborted'}: ${reasons(d)}.`,
  'serving.model.loaded.v1': (d) => `A gateway verified and loaded ${model(d)}.`,
  'serving.model.load-refused.v1': (d) => `A gateway refused to load ${model(d)}: ${reasons(d)}.`,
  'serving.batch-job.accepted.v1': (d) =>
    `${text(d['requestedBy'])} handed in ${d['datasetName'] === undefined ? 'a file' : `dataset ${text(d['datasetName'])}`} for ${model(d)} to predict row by row.`,
  'serving.batch-job.finished.v1': (d) =>
    `The batch job on ${model(d)} ${text(d['outcome'])} after ${many(number(d['rowCount']), 'row')}, ${number(d['failedCount'])} of them without an answer${d['reason'] === undefined ? '' : `: ${text(d['reason'])}`}.`,
  'serving.batch-piece.finished.v1': (d) =>
    `Gateway ${short(d['gatewayId'])} predicted piece ${text(d['piece'])} of the batch job: ${many(number(d['rowCount']), 'row')}, ${number(d['failedCount'])} of them without an answer.`,
  'serving.batch-piece.refused.v1': (d) =>
    `Gateway ${short(d['gatewayId'])} cannot work on piece ${text(d['piece'])} of the batch job: ${reasons(d)}.`,
  'serving.capture.dropped.v1': (d) => `A gateway dropped ${many(number(d['droppedCount']), 'captured prediction')}: ${text(d['reason'])}.`,
  'serving.endpoint.changed.v1': (d) =>
    `${text(d['changedBy'])} changed the endpoint of ${text(d['modelName'])}${changes(d)}: ${text(d['reason'])}.`,
  'serving.load-test.finished.v1': (d) => {
    const measured = (d['measured'] ?? {}) as Data;
    if (d['outcome'] !== 'measured') return `${model(d)} could not be put under load: ${reasons(d)}.`;
    return `${model(d)} answered ${text(measured['answeredPerSecond'])} requests per second under load, 99 % of them within ${text(measured['p99Ms'])} ms.`;
  },
  'serving.availability.measured.v1': (d) =>
    `A gateway answered ${number(d['requestCount']) - number(d['failedCount'])} of ${many(number(d['requestCount']), 'request')} for ${text(d['modelName'])}.`,
  'serving.gateway.started.v1': (d) => `Gateway ${short(d['gatewayId'])} started; it signs receipts with ${text(d['receiptKey'])}.`,
  'serving.gateway.stopped.v1': (d) =>
    `Gateway ${short(d['gatewayId'])} ${d['isClean'] === true ? 'stopped' : 'ended without a word; another one published what it had left'}, its last block is ${text(d['lastSequence'])}.`,
  'serving.prediction.logged.v1': () => 'A block of predictions was captured.',
  'serving.ground-truth.received.v1': (d) =>
    `${reporterOf(d)} reported what really happened in ${many(list(d['items']).length, 'case')} of ${text(d['modelName'])}.`,
  'serving.decision.recorded.v1': (d) =>
    `${reporterOf(d)} recorded ${many(list(d['items']).length, 'decision')} on answers of ${text(d['modelName'])}.`,
  'monitoring.prediction.labelled.v1': () => 'A block of predictions was joined with its ground truth.',
  'monitoring.drift.detected.v1': (d) =>
    `Features of ${model(d)} drifted ${inWindow(d)}: ${list(d['features'])
      .map((feature) => `${text((feature as Data)?.['feature'])} (${Number(number((feature as Data)?.['score']).toFixed(2))})`)
      .join(', ')}.`,
  'monitoring.drift.cleared.v1': (d) => `Features of ${model(d)} are back to normal: ${list(d['features']).map(text).join(', ')}.`,
  'monitoring.feature.broken.v1': (d) =>
    `Feature ${text(d['feature'])} broke ${inWindow(d)} (${text(d['fault']).replaceAll('-', ' ')}): ${reasons(d)}.`,
  'monitoring.performance.degraded.v1': (d) =>
    `${text(d['metric'])} of ${model(d)} went to ${Number(number(d['value']).toFixed(4))} from ${Number(number(d['reference']).toFixed(4))} ${inWindow(d)}: ${reasons(d)}.`,
  'monitoring.canary.judged.v1': (d) =>
    `Step ${text(d['step'])} of the rollout of ${model(d)} was judged ${text(d['verdict']).replaceAll('-', ' ')}: ${reasons(d)}.`,
  'monitoring.capture.gap-detected.v1': (d) =>
    `${many(number(d['missingBlocks']), 'block')} of predictions of producer ${short(d['producer'])} never arrived: at most ${many(number(d['rowsAtMost']), 'row')}${d['isEndUnknown'] === true ? ', and what it answered after it fell silent' : ''}.`,
  'monitoring.alert.raised.v1': (d) => `Alert (${text(d['severity'])}): ${text(d['message'])}.`,
  'monitoring.alert.resolved.v1': (d) => `Alert resolved: ${text(d['message'])}.`,
  'governance.approval.voted.v1': (d) => {
    const vote = (d['vote'] ?? {}) as Data;
    return `${text(vote['by'])} said yes: ${text(vote['reason'])}; still missing: ${list(d['missing']).map(text).join(', ')}.`;
  },
  'governance.approval.granted.v1': (d) => `${text(d['decidedBy'])} said yes: ${text(d['reason'])}.`,
  'governance.approval.denied.v1': (d) => `${text(d['decidedBy'])} said no: ${text(d['reason'])}.`,
  'governance.access.changed.v1': (d) =>
    `${text(d['changedBy'])}: key of ${text(d['identity'])} (${list(d['roles']).map(text).join(', ')}) ${text(d['change'])}.`,
  'governance.checkpoint.signed.v1': (d) => `The log was signed at ${many(number(d['treeSize']), 'entry').replace('entrys', 'entries')}.`,
  'governance.loop.frozen.v1': (d) => `${text(d['by'])} froze the loop: ${text(d['reason'])}.`,
  'governance.loop.unfrozen.v1': (d) => `${text(d['by'])} let the loop move again: ${text(d['reason'])}.`,
};

/** Tells an event as a person would. Never throws: data of an unreadable or erased event is told as such. */
export function describeEvent(type: string, data: unknown): string {
  if (data === null || data === undefined) return `${type} happened; what it said was erased.`;
  const sentence = sentences[type];
  if (!sentence || typeof data !== 'object') return `${type} happened.`;
  return sentence(data as Data).replace(/([.!?])\.$/, '$1');
}

/** Event types that have a sentence; a test holds them against the catalogue. */
export const describedTypes = Object.keys(sentences);
