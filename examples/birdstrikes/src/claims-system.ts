import { appendFileSync } from 'node:fs';
import type { Claim } from './claims.js';
import type { ServiceClient } from './client.js';

const inFlight = 16;
const inspectFrom = 0.2;
const millisecondsPerDay = 86_400_000;

/** What the claims system keeps of a triage. */
export interface Triage {
  readonly claim: Claim;
  readonly predictionId: string;
  readonly modelVersion: string;
  readonly probability: number;
}

interface InferAnswer {
  readonly model_version: string;
  readonly parameters: { readonly prediction_id: string };
  readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
}

export interface TriageOptions {
  /** Days between a claim and its settlement, in the claims' own time. */
  readonly settlementDays: number;
  /** A documented fault: what the claims system sends as speed. */
  readonly speedOf?: (claim: Claim) => number | null;
  /** Who asks: claims that are asked for again by others need not meet the same version again. */
  readonly askedBy?: string;
}

/** Stand-in for the client's claims system: asks for triage, records its decision, later returns the settlement. */
export class ClaimsSystem {
  readonly triages: Triage[] = [];
  private readonly unsettled: Triage[] = [];

  constructor(
    private readonly serving: ServiceClient,
    private readonly model: string,
    /** The client's own journal of every answer it got, one JSON line each; none when undefined. */
    private readonly journalFile?: string,
  ) {}

  /** Sends claims in time order, a few at a time; settlements follow as time passes. Returns what was answered, in order. */
  async triageAll(claims: readonly Claim[], options: TriageOptions): Promise<Triage[]> {
    const answered: Triage[] = [];
    for (let start = 0; start < claims.length; start += 250) {
      const slice = claims.slice(start, start + 250);
      const triages = await this.inParallel(slice, (claim) => this.triage(claim, options));
      await this.recordDecisions(triages);
      this.noteInJournal(triages);
      answered.push(...triages);
      this.triages.push(...triages);
      this.unsettled.push(...triages);
      const now = Date.parse(slice.at(-1)!.occurredAt);
      await this.settleUntil(now - options.settlementDays * millisecondsPerDay, options.settlementDays);
    }
    return answered;
  }

  /** Returns every settlement still open. */
  async settleAll(settlementDays: number): Promise<void> {
    await this.settleUntil(Number.POSITIVE_INFINITY, settlementDays);
  }

  private async triage(claim: Claim, options: TriageOptions): Promise<Triage> {
    const features = { ...claim.features, ...(options.speedOf ? { speed_knots: options.speedOf(claim) } : {}) };
    const answer = await this.serving.post<InferAnswer>(`/v2/models/${this.model}/infer`, {
      id: claim.claimNumber,
      parameters: {
        client_record_id: claim.claimNumber,
        occurred_at: claim.occurredAt,
        routing_key: options.askedBy ? `${claim.claimNumber}/${options.askedBy}` : claim.claimNumber,
      },
      inputs: Object.entries(features).map(([name, value]) => ({
        name,
        shape: [1, 1],
        datatype: name === 'speed_knots' ? 'FP32' : 'BYTES',
        data: [value],
      })),
      outputs: [{ name: 'probabilities' }],
    });
    const probabilities = answer.outputs.find((output) => output.name === 'probabilities');
    return {
      claim,
      predictionId: answer.parameters.prediction_id,
      modelVersion: answer.model_version,
      probability: probabilities?.data[1] ?? Number.NaN,
    };
  }

  private noteInJournal(triages: readonly Triage[]): void {
    if (!this.journalFile) return;
    const lines = triages.map(({ claim, predictionId, modelVersion }) =>
      JSON.stringify({ claimNumber: claim.claimNumber, predictionId, modelVersion }),
    );
    appendFileSync(this.journalFile, `${lines.join('\n')}\n`);
  }

  private async recordDecisions(triages: readonly Triage[]): Promise<void> {
    await this.serving.post(`/v1/models/${this.model}/decisions`, {
      items: triages.map(({ predictionId, probability, claim }) => ({
        predictionId,
        outcome: probability >= inspectFrom ? 'inspect' : 'settle',
        ruleVersion: 'triage-rule-1',
        decidedAt: claim.occurredAt,
      })),
    });
  }

  private async settleUntil(time: number, settlementDays: number): Promise<void> {
    const due = this.unsettled.filter(({ claim }) => Date.parse(claim.occurredAt) <= time);
    for (let start = 0; start < due.length; start += 500) {
      const items = due.slice(start, start + 500).flatMap(({ claim, predictionId }) =>
        claim.damaged === undefined
          ? []
          : [
              {
                predictionId,
                label: claim.damaged,
                occurredAt: new Date(Date.parse(claim.occurredAt) + settlementDays * millisecondsPerDay).toISOString(),
                source: 'settlement',
                // every claim is settled one day: no case was picked
                selection: 'all',
              },
            ],
      );
      if (items.length > 0) await this.serving.post(`/v1/models/${this.model}/ground-truth`, { items });
    }
    const done = new Set(due);
    this.unsettled.splice(0, this.unsettled.length, ...this.unsettled.filter((triage) => !done.has(triage)));
  }

  private async inParallel<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
    const results: B[] = new Array(items.length);
    let next = 0;
    const worker = async () => {
      for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
    };
    await Promise.all(Array.from({ length: Math.min(inFlight, items.length) }, worker));
    return results;
  }
}
