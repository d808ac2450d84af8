import { BasculeError } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { RowAnswers, type RowsAnswer } from '../inference/row-answers.service.js';
import { requireTextRoom } from '../inference/text-room.js';
import type { ActiveRoute } from '../routing/routing.service.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { type AnswerPlan, answerPlan, recordAnswer } from './answer-plan.js';
import { type FeaturePlan, featurePlan } from './feature-plan.js';
import { outsideContract } from './outside-contract.js';
import { type ReadInput, type ReadingRules, type RecordFault, readFeatures } from './read-features.js';
import type { RecordHead } from './read-record.js';
import { failedRecord, isOfRecords, type Outcome, refusedRecord } from './record-outcomes.js';
import { shapeKeyOf, tensorOf } from './record-tensors.js';
import type { RecordsCall } from './records.service.js';

/** One request on its way. */
export interface RecordsWork {
  readonly call: RecordsCall;
  readonly route: ActiveRoute;
  readonly receivedAtMs: number;
  readonly startedAt: number;
  readonly seed: string | undefined;
  /** By position of the record. */
  readonly outcomes: Outcome[];
  readonly failures: BasculeError[];
  readonly receipts: string[];
  /** Throws when the answer must not be captured. */
  readonly beforeCapture: () => void;
}

/** A record that was read and goes to a version. */
interface Member {
  readonly index: number;
  readonly head: RecordHead;
  readonly inputs: readonly ReadInput[];
  readonly warnings: readonly RecordFault[];
}

/** Records that share a run. */
export interface Group {
  readonly loaded: LoadedVersion;
  readonly members: Member[];
}

interface Plans {
  readonly features: FeaturePlan;
  readonly answers: AnswerPlan;
}

/** Reads records for the version that is to answer them, and asks it once for all of them. */
@Injectable()
export class RecordGroups {
  private readonly plans = new WeakMap<LoadedVersion, Plans>();

  constructor(private readonly rowAnswers: RowAnswers) {}

  /** Reads one record for a version and puts it to those it may share a run with; one that cannot be read has its outcome. */
  add(
    groups: Map<string, Group>,
    loaded: LoadedVersion,
    record: { index: number; head: RecordHead },
    rules: ReadingRules,
  ): Outcome | undefined {
    const { head, index } = record;
    const read = readFeatures(head.features, this.plansOf(loaded).features, rules);
    if (!read.inputs) return refusedRecord({ id: head.id, faults: read.faults });
    const warnings = outsideContract(head.features, this.plansOf(loaded).features);
    if (warnings.length > 0 && rules.outsideContract === 'refuse') return refusedRecord({ id: head.id, faults: warnings });
    // rows of a model that does not batch run one by one
    const key = `${loaded.routed.version}|${loaded.isBatched ? shapeKeyOf(read.inputs) : `alone ${index}`}`;
    const member = { index, head, inputs: read.inputs, warnings };
    const group = groups.get(key);
    if (group) group.members.push(member);
    else groups.set(key, { loaded, members: [member] });
    return undefined;
  }

  /** Asks the version of a group; values that it cannot work with fail their own record only. */
  async run(work: RecordsWork, { loaded, members }: Group): Promise<void> {
    try {
      await this.ask(work, loaded, members);
    } catch (error) {
      if (!(error instanceof BasculeError) || !isOfRecords(error)) throw error;
      if (error.kind === 'unprocessable' && members.length > 1) {
        const middle = Math.ceil(members.length / 2);
        await this.run(work, { loaded, members: members.slice(0, middle) });
        await this.run(work, { loaded, members: members.slice(middle) });
        return;
      }
      work.failures.push(error);
      for (const { index, head } of members) work.outcomes[index] = failedRecord(head.id, error);
    }
  }

  private async ask(work: RecordsWork, loaded: LoadedVersion, members: readonly Member[]): Promise<void> {
    const { call, route, outcomes } = work;
    const { features, answers } = this.plansOf(loaded);
    const settle = ({ predictionIds, outputs }: RowsAnswer) => {
      requireTextRoom(outputs, undefined);
      for (const [row, { index, head, warnings }] of members.entries()) {
        outcomes[index] = {
          ...(head.id === '' ? {} : { id: head.id }),
          predictionId: predictionIds[row] as string,
          version: loaded.routed.version,
          ...recordAnswer(answers, outputs, row, loaded.isBatched),
          ...(warnings.length > 0 ? { warnings } : {}),
        };
      }
      work.beforeCapture();
    };
    const { receipt } = await this.rowAnswers.answer({
      route,
      loaded,
      inputs: features.inputs.map((planned, position) =>
        tensorOf(
          planned,
          members.map(({ inputs }) => inputs[position] as ReadInput),
        ),
      ),
      records: {
        clientRecordIds: members.map(({ head }) => head.id),
        occurredAtMs: members.map(({ head }) => head.occurredAtMs),
      },
      rows: members.length,
      rowNumbers: members.map(({ index }) => index),
      requestId: call.requestId,
      keyId: call.credential.keyId,
      traceparent: call.traceparent,
      receivedAtMs: work.receivedAtMs,
      startedAt: work.startedAt,
      deadlineAt: call.deadlineAt,
      isAbandoned: call.isAbandoned,
      wantsReceipt: call.wantsReceipt,
      seed: work.seed,
      beforeCapture: settle,
      wordsOf: () => members.map(({ index }) => outcomes[index] as Outcome),
    });
    if (receipt !== undefined) work.receipts.push(receipt);
  }

  private plansOf(loaded: LoadedVersion): Plans {
    const known = this.plans.get(loaded);
    if (known) return known;
    const { signature } = loaded.routed;
    const plans = { features: featurePlan(signature), answers: answerPlan(signature) };
    this.plans.set(loaded, plans);
    return plans;
  }
}
