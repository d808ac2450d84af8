import { type Credential, requireModel } from '@bascule/access';
import { Injectable } from '@nestjs/common';
import type { StoredEntry } from '../audit/audit.queries.js';
import { AuditIndexService, type PredictionPlace } from '../audit/audit-index.service.js';
import { AuditLogService } from '../audit/audit-log.service.js';
import { disclosedPayload } from '../audit/disclosed-payload.js';
import { referenceTo } from '../audit/event-references.js';
import { entryNotAllowed, mayRead } from '../audit/readable-entry.js';
import { nothingKnown } from '../errors.js';
import { inCausalOrder } from './causal-order.js';
import { describeEvent } from './describe-event.js';

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
  readonly prediction?: PredictionPlace;
}

const inPlaces = ['cause', 'itself', 'effect'] as const;
const furthest = 40;
const most = 300;
const effectsShown = 50;

/** Follows any id back through causes to the root, and one level forward. */
@Injectable()
export class WhyService {
  constructor(
    private readonly auditLog: AuditLogService,
    private readonly index: AuditIndexService,
  ) {}

  /** Leaves out the steps the reader's key may not see; throws when it may not see what the id names. */
  async explain(id: string, reader: Credential): Promise<WhyAnswer> {
    const start = await this.find(id);
    if (start.prediction) requireModel(reader, start.prediction.modelName);
    const itself = new Set(start.indexes);
    const causes = await this.back([...start.indexes, ...start.causes], itself);
    const effects = [...start.effects, ...(start.prediction ? [] : await this.index.effectsOf(start.indexes, effectsShown))];
    const places = new Map<number, WhyStep['place']>();
    for (const index of effects) places.set(index, 'effect');
    for (const index of causes) places.set(index, 'cause');
    for (const index of itself) places.set(index, 'itself');
    const entries = inCausalOrder(await this.auditLog.entries([...places.keys()]));
    // of the block that holds a prediction only that one is told
    const seen = entries.filter((entry) => entry.index === start.prediction?.entryIndex || mayRead(reader, entry));
    if (!seen.some(({ index }) => itself.has(index))) throw entryNotAllowed();
    const steps = seen.map((entry) => stepOf(entry, places.get(entry.index)!, start.prediction));
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
    if (prediction) return this.startAtPrediction(prediction);
    const event = await this.index.findEvent(id);
    if (event !== undefined) return { kind: 'event', indexes: [event], causes: [], effects: [] };
    const [reference] = await this.index.findReferences(asVersion(id));
    if (!reference) throw nothingKnown({ id });
    const kind = reference.slice(0, reference.indexOf('/'));
    const defining = await this.index.entriesOf([reference], ['defines'], effectsShown);
    const indexes = defining.length > 0 ? defining : await this.index.entriesOf([reference], ['because', 'mentions'], effectsShown);
    return { kind, indexes, causes: [], effects: [] };
  }

  private async startAtPrediction(prediction: PredictionPlace): Promise<Start> {
    const { modelName, modelVersion, clientRecordId, predictionId, entryIndex } = prediction;
    const version = referenceTo.version(modelName, modelVersion);
    const registered = await this.index.entriesOf([version], ['defines'], 1);
    const rollouts = await this.index.entriesOf([version], ['mentions', 'because'], most, leadsToAnswer);
    const [block] = await this.auditLog.entries([entryIndex]);
    const serving = (await this.auditLog.entries(rollouts)).filter(({ time }) => time <= block!.time);
    const records = [`prediction/${predictionId}`, ...(clientRecordId ? [referenceTo.record(modelName, clientRecordId)] : [])];
    const effects = await this.index.entriesOf(records, ['mentions'], effectsShown);
    return {
      kind: 'prediction',
      indexes: [entryIndex],
      causes: [...registered, ...serving.map(({ index }) => index)],
      effects,
      prediction,
    };
  }
}

const leadsToAnswer = ['serving.rollout.started.v1', 'serving.rollout.completed.v1'];

/** `model:3` is accepted for `model@3`. */
function asVersion(id: string): string {
  return id.replace(/^([a-z0-9][a-z0-9._-]*):(\d+)$/, '$1@$2');
}

function stepOf(entry: StoredEntry, place: WhyStep['place'], prediction: PredictionPlace | undefined): WhyStep {
  const { index, time, type, subject, eventId, causationId } = entry;
  const isAnswer = prediction?.entryIndex === index;
  const summary = isAnswer ? answered(prediction) : describeEvent(type, disclosedPayload(type, entry.payload));
  return { index, time: time.toISOString(), type, subject, eventId, causationId, place, summary };
}

function answered({ modelName, modelVersion, clientRecordId, predictionId }: PredictionPlace): string {
  const about = clientRecordId ? `for the client's record ${clientRecordId}` : 'for a record without a client id';
  return `${modelName} version ${modelVersion} answered prediction ${predictionId} ${about}.`;
}
