import { type Credential, requireModel } from '@bascule/access';
import { Injectable } from '@nestjs/common';
import type { StoredEntry } from '../audit/audit.queries.js';
import { AuditIndexService, type PredictionPlace } from '../audit/audit-index.service.js';
import { AuditLogService } from '../audit/audit-log.service.js';
import { disclosedPayload } from '../audit/disclosed-payload.js';
import { referenceTo } from '../audit/event-references.js';
import { FeedbackIndexService } from '../audit/feedback-index.service.js';
import { entryNotAllowed, mayRead } from '../audit/readable-entry.js';
import { nothingKnown } from '../errors.js';
import { inCausalOrder } from './causal-order.js';
import { describeEvent } from './describe-event.js';
import { type Asked, describeFeedback } from './describe-feedback.js';

/** One event on the way from the first cause to the last effect. */
export interface WhyStep {
  readonly index: number;
  readonly time: string;
  readonly type: string;
  readonly subject: string;
  readonly eventId: string;
  readonly causationId: string | null;
  readonly place: (typeof inPlaces)[number];
  readonly summary: string;
}

export interface WhyAnswer {
  readonly id: string;
  /** What the id names: event, prediction, run, version, batch … */
  readonly kind: string;
  readonly chain: WhyStep[];
}

interface Start {
  readonly kind: string;
  readonly indexes: number[];
  /** Causes that no causation id tells of. */
  readonly causes: number[];
  readonly effects: number[];
  /** The predictions asked about; of the blocks that hold them nothing else is told. */
  readonly predictions: readonly PredictionPlace[];
  readonly asked?: Asked;
}

const inPlaces = ['cause', 'itself', 'effect'] as const;
const furthest = 40;
const most = 300;
const effectsShown = 50;
const mostPredictions = 20;

/** Follows any id back through causes to the root, and one level forward. */
@Injectable()
export class WhyService {
  constructor(
    private readonly auditLog: AuditLogService,
    private readonly index: AuditIndexService,
    private readonly feedback: FeedbackIndexService,
  ) {}

  /**
   * Leaves out the steps the reader's key may not see; throws when it may not see what the id names.
   * @param model with it, the id is the client's own id of a record
   */
  async explain(id: string, reader: Credential, model?: string): Promise<WhyAnswer> {
    if (model !== undefined) requireModel(reader, model);
    const start = model === undefined ? await this.find(id) : await this.findRecord(model, id);
    if (start.asked) requireModel(reader, start.asked.modelName);
    const itself = new Set(start.indexes);
    const causes = await this.back([...start.indexes, ...start.causes], itself);
    const effects = [...start.effects, ...(start.asked ? [] : await this.index.effectsOf(start.indexes, effectsShown))];
    const places = new Map<number, WhyStep['place']>();
    for (const index of effects) places.set(index, 'effect');
    for (const index of causes) places.set(index, 'cause');
    for (const index of itself) places.set(index, 'itself');
    const entries = inCausalOrder(await this.auditLog.entries([...places.keys()]));
    const blocks = new Set(start.predictions.map(({ entryIndex }) => entryIndex));
    // of the block that holds a prediction only that one is told
    const seen = entries.filter((entry) => blocks.has(entry.index) || mayRead(reader, entry));
    if (itself.size > 0 && !seen.some(({ index }) => itself.has(index))) throw entryNotAllowed();
    const steps = seen.map((entry) => stepOf(entry, places.get(entry.index)!, start));
    return { id, kind: start.kind, chain: inPlaces.flatMap((place) => steps.filter((step) => step.place === place)) };
  }

  private async back(from: readonly number[], itself: ReadonlySet<number>): Promise<Set<number>> {
    const found = new Set(from.filter((index) => !itself.has(index)));
    let edge = [...from];
    for (let step = 0; step < furthest && edge.length > 0 && found.size < most; step++) {
      const causes = await this.index.causesOf(edge);
      edge = causes.filter((index) => !found.has(index) && !itself.has(index));
      for (const index of edge) found.add(index);
    }
    return found;
  }

  private async find(id: string): Promise<Start> {
    const prediction = await this.index.findPrediction(id);
    if (prediction) return this.startAtPredictions('prediction', prediction.modelName, [prediction]);
    const event = await this.index.findEvent(id);
    if (event !== undefined) return { kind: 'event', indexes: [event], causes: [], effects: [], predictions: [] };
    const [reference] = await this.index.findReferences(asVersion(id));
    if (!reference) throw nothingKnown({ id });
    const kind = reference.slice(0, reference.indexOf('/'));
    const defining = await this.index.entriesOf([reference], ['defines'], effectsShown);
    const indexes = defining.length > 0 ? defining : await this.index.entriesOf([reference], ['because', 'mentions'], effectsShown);
    // what became of a version speaks of it, and happened because of promotions and rollouts
    const left = reference.replace(/^version\//, 'left-version/');
    const effects = kind === 'version' ? await this.index.entriesOf([reference, left], ['mentions', 'because'], most, becameOfVersion) : [];
    return { kind, indexes, causes: [], effects, predictions: [] };
  }

  private async findRecord(model: string, clientRecordId: string): Promise<Start> {
    const predictions = await this.index.findPredictionsOfRecord(model, clientRecordId, mostPredictions);
    const start = await this.startAtPredictions('record', model, predictions, clientRecordId);
    // a label or a decision may be known before the prediction it is about
    if (start.indexes.length + start.effects.length === 0) throw nothingKnown({ clientRecordId, model });
    return start;
  }

  private async startAtPredictions(
    kind: string,
    modelName: string,
    predictions: readonly PredictionPlace[],
    clientRecordId?: string,
  ): Promise<Start> {
    const versions = [...new Set(predictions.map(({ modelVersion }) => referenceTo.version(modelName, modelVersion)))];
    const indexes = [...new Set(predictions.map(({ entryIndex }) => entryIndex))];
    const registered = await this.index.entriesOf(versions, ['defines'], versions.length);
    const rollouts = await this.index.entriesOf(versions, ['mentions', 'because'], most, leadsToAnswer);
    const blocks = await this.auditLog.entries(indexes);
    const lastAt = blocks.reduce((last, { time }) => Math.max(last, time.getTime()), 0);
    const serving = (await this.auditLog.entries(rollouts)).filter(({ time }) => time.getTime() <= lastAt);
    const ids = predictions.flatMap(({ clientRecordId: id }) => id ?? []);
    const asked: Asked = {
      modelName,
      predictionIds: predictions.map(({ predictionId }) => predictionId),
      clientRecordIds: [...new Set(clientRecordId === undefined ? ids : [clientRecordId, ...ids])],
    };
    const references = [
      ...asked.predictionIds.map((id) => `prediction/${id}`),
      ...asked.clientRecordIds.map((id) => referenceTo.record(modelName, id)),
    ];
    const effects = await this.feedback.entriesAbout(references, [modelName], effectsShown);
    return { kind, indexes, causes: [...registered, ...serving.map(({ index }) => index)], effects, predictions, asked };
  }
}

const becameOfVersion = [
  'serving.rollout.started.v1',
  'serving.rollout.completed.v1',
  'serving.rollout.rolled-back.v1',
  'serving.rollout.aborted.v1',
  'registry.alias.moved.v1',
  'registry.alias.removed.v1',
  'registry.version.archived.v1',
];
const leadsToAnswer = ['serving.rollout.started.v1', 'serving.rollout.completed.v1'];

/** `model:3` is accepted for `model@3`. */
function asVersion(id: string): string {
  return id.replace(/^([a-z0-9][a-z0-9._-]*):(\d+)$/, '$1@$2');
}

function stepOf(entry: StoredEntry, place: WhyStep['place'], { predictions, asked }: Start): WhyStep {
  const { index, time, type, subject, eventId, causationId } = entry;
  const answers = predictions.filter(({ entryIndex }) => entryIndex === index);
  const said = () => disclosedPayload(type, entry.payload);
  const summary =
    answers.length > 0
      ? answers.map(answered).join(' ')
      : ((asked && describeFeedback(type, said(), asked)) ?? describeEvent(type, said()));
  return { index, time: time.toISOString(), type, subject, eventId, causationId, place, summary };
}

function answered({ modelName, modelVersion, clientRecordId, predictionId }: PredictionPlace): string {
  const about = clientRecordId ? `for the client's record ${clientRecordId}` : 'for a record without a client id';
  return `${modelName} version ${modelVersion} answered prediction ${predictionId} ${about}.`;
}
