import { Transactions } from '@bascule/database';
import type { EvidenceBundle } from '@bascule/proofs';
import { Injectable } from '@nestjs/common';
import type { StoredEntry } from '../audit/audit.queries.js';
import { AuditIndexService, type PredictionPlace } from '../audit/audit-index.service.js';
import { AuditLogService } from '../audit/audit-log.service.js';
import { referenceTo } from '../audit/event-references.js';
import { FeedbackIndexService } from '../audit/feedback-index.service.js';
import { nothingKnown } from '../errors.js';
import { BundleService } from './bundle.service.js';
import { findGaps, findLostEnds, sumDropped } from './evidence.queries.js';
import { stateItems, type Wanted, wantedForPrediction, wantedForPromotion, wantedForVersion } from './evidence-plan.js';

const mostPredictions = 20;
const mostEntries = 500;
const steps = 6;

/** Answers an auditor's question with entries, proofs and a statement of what was looked for. */
@Injectable()
export class EvidenceService {
  constructor(
    private readonly auditLog: AuditLogService,
    private readonly index: AuditIndexService,
    private readonly feedback: FeedbackIndexService,
    private readonly transactions: Transactions,
    private readonly bundles: BundleService,
  ) {}

  /** Everything about the answers to one record of the client. */
  async ofRecord(model: string, clientRecordId: string): Promise<EvidenceBundle> {
    const places = await this.index.findPredictionsOfRecord(model, clientRecordId, mostPredictions);
    return this.ofPredictions({ clientRecordId, model }, places, [referenceTo.record(model, clientRecordId)]);
  }

  /** Everything about a prediction; that the log does not have it is an answer too. */
  async ofPrediction(predictionId: string): Promise<EvidenceBundle> {
    const place = await this.index.findPrediction(predictionId);
    if (place) return this.ofPredictions({ predictionId }, [place], []);
    const spoken = await this.index.entriesOf([`prediction/${predictionId}`], ['mentions'], mostEntries);
    return this.bundle({ predictionId }, await this.auditLog.entries(spoken), wantedForPrediction, []);
  }

  /** A promotion from the request to the alias, with the version it was about. */
  async ofPromotion(promotionId: string): Promise<EvidenceBundle> {
    const about = await this.index.entriesOf([`promotion/${promotionId}`], ['defines', 'because'], mostEntries);
    if (about.length === 0) throw nothingKnown({ promotionId });
    const rollouts = await this.index.effectsOf(about, mostEntries);
    return this.bundle({ promotionId }, await this.withCauses([...about, ...rollouts]), [...wantedForPromotion, ...wantedForVersion], []);
  }

  /** Whatever an id names, with its causes. */
  async ofId(id: string): Promise<EvidenceBundle> {
    const place = await this.index.findPrediction(id);
    if (place) return this.ofPredictions({ id }, [place], []);
    const event = await this.index.findEvent(id);
    const references = event === undefined ? await this.index.findReferences(id) : [];
    const found = event === undefined ? await this.index.entriesOf(references, ['defines'], mostEntries) : [event];
    const [first] = found;
    if (first === undefined) throw nothingKnown({ id });
    const entries = await this.withCauses(found);
    const wanted = [...new Set(entries.filter(({ index }) => found.includes(index)).map(({ type }) => type))];
    return this.bundle(
      { id },
      entries,
      wanted.map((type) => ({ what: type, types: [type], isRequired: true })),
      [],
    );
  }

  private async ofPredictions(
    question: Record<string, string>,
    places: readonly PredictionPlace[],
    records: readonly string[],
  ): Promise<EvidenceBundle> {
    const versions = [...new Set(places.map(({ modelName, modelVersion }) => referenceTo.version(modelName, modelVersion)))];
    const own = places.flatMap(({ predictionId, modelName, clientRecordId }) => [
      `prediction/${predictionId}`,
      ...(clientRecordId ? [referenceTo.record(modelName, clientRecordId)] : []),
    ]);
    const models = [...new Set([...places.map(({ modelName }) => modelName), ...(question['model'] ? [question['model']] : [])])];
    const spoken = await this.feedback.entriesAbout([...new Set([...own, ...records])], models, mostEntries);
    const registered = await this.index.entriesOf(versions, ['defines'], mostEntries);
    const promoted = await this.index.entriesOf(versions, ['because', 'mentions'], mostEntries, promotionChain);
    if (places.length + spoken.length === 0) throw nothingKnown(question);
    const causes = await this.withCauses([...registered, ...promoted]);
    const about = await this.auditLog.entries([...new Set([...places.map(({ entryIndex }) => entryIndex), ...spoken])]);
    const wanted = [...wantedForPrediction, ...(places.length > 0 ? [...wantedForVersion, ...wantedForPromotion] : [])];
    return this.bundle(question, unique([...about, ...causes]), wanted, places);
  }

  private async withCauses(indexes: readonly number[]): Promise<StoredEntry[]> {
    const found = new Set(indexes);
    let edge = [...found];
    for (let step = 0; step < steps && edge.length > 0 && found.size < mostEntries; step++) {
      edge = (await this.index.causesOf(edge)).filter((index) => !found.has(index));
      for (const index of edge) found.add(index);
    }
    const entries = await this.auditLog.entries([...found]);
    // blocks that happened to trigger a verdict hold other clients' records
    return entries.filter(({ index, type }) => indexes.includes(index) || !type.startsWith('serving.prediction.'));
  }

  private async bundle(
    question: Record<string, string>,
    entries: readonly StoredEntry[],
    wanted: readonly Wanted[],
    places: readonly PredictionPlace[],
  ): Promise<EvidenceBundle> {
    const blocks = new Set(places.map(({ entryIndex }) => entryIndex));
    const producers = entries.flatMap(({ index, producer }) => (producer !== null && blocks.has(index) ? [producer] : []));
    const { manager } = this.transactions;
    return this.bundles.bind({
      question,
      entries,
      rows: new Map([...blocks].map((index) => [index, places.filter(({ entryIndex }) => entryIndex === index).map(({ row }) => row)])),
      completeness: {
        items: stateItems(wanted, entries),
        gaps: [...(await findGaps(manager, producers)), ...(await findLostEnds(manager, producers))],
        droppedPredictions: await sumDropped(manager, producers),
      },
    });
  }
}

const promotionChain = wantedForPromotion.flatMap(({ types }) => types);

function unique(entries: readonly StoredEntry[]): StoredEntry[] {
  return [...new Map(entries.map((entry) => [entry.index, entry])).values()].sort((a, b) => a.index - b.index);
}
