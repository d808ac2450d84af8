import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG, isOutage, Logger, Metrics } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { ChampionsService } from '../champions/champions.service.js';
import type { Config } from '../config.js';
import { DatasetProfilesService, type KnownProfiles } from '../datasets/dataset-profiles.service.js';
import { ProvenanceService } from '../provenance/provenance.service.js';
import type { RunEntity, RunResult } from '../runs/run.entity.js';
import { RunEventsService } from '../runs/run-events.service.js';
import { RunStepsService } from '../steps/run-steps.service.js';
import type { Job, JobResult } from '../trainers/job.schema.js';
import { AttemptsService } from './attempts.service.js';
import { AttemptFailed, Executor } from './executor.js';
import { gateFaults } from './gates.js';
import { LeasesService, type Outcome } from './leases.service.js';
import { OwnProgram } from './own-program.service.js';
import { RunLog } from './run-log.js';

type Champion = Job['champion'];

/** How a run ends: with a model, or with the reason why there is none. */
interface Ending {
  readonly reason?: string;
  readonly result?: RunResult;
}

function championOf(
  { version, artifactDigest }: NonNullable<Champion>,
  metrics: NonNullable<RunResult['champion']>['metrics'],
  comparison: NonNullable<RunResult['champion']>['comparison'],
): NonNullable<RunResult['champion']> {
  return { version, artifactDigest, metrics, ...(comparison ? { comparison } : {}) };
}

const noEvaluation: Job['evaluation'] = { slices: [], sensitive: [], resamplings: 200 };
const settleForMs = 60_000;
const settleAgainMs = 500;

/** Carries out claimed runs: executor, heartbeat, time limit, and what follows from the result. */
@Injectable()
export class ExecutionService {
  constructor(
    private readonly leases: LeasesService,
    private readonly champions: ChampionsService,
    private readonly profiles: DatasetProfilesService,
    private readonly executor: Executor,
    private readonly attempts: AttemptsService,
    private readonly own: OwnProgram,
    private readonly events: RunEventsService,
    private readonly steps: RunStepsService,
    private readonly provenance: ProvenanceService,
    private readonly metrics: Metrics,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Takes a run to work on, if one waits. */
  async claim(): Promise<RunEntity | undefined> {
    return this.leases.claim(this.executor.name);
  }

  /** Works on a claimed run until its attempt has an end. @param stopping aborts when the service shuts down */
  async work(run: RunEntity, stopping: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const lost = new AbortController();
    const told = new RunLog(run.attempt, (events) => this.events.append(run.id, events));
    const limitMs = this.own.timeLimitOf(run);
    const heartbeat = setInterval(() => void this.renew(run, lost), this.config.RUN_LEASE_MS / 4);
    const timeout = AbortSignal.timeout(limitMs);
    try {
      const champion = await this.findChampion(run.modelName);
      const profiles = await this.profiles.knownFor(run);
      const signal = AbortSignal.any([stopping, lost.signal, timeout]);
      const attempt = await this.attempts.carryOut(run, this.jobOf(run, champion, profiles), {
        signal,
        onLine: (line, from) => told.take(line, from),
      });
      await told.flush();
      const ending = await this.conclude(run, attempt);
      this.note(run, await this.settleThroughOutage(run, ending, stopping), attempt.result.outcome, startedAt);
    } catch (error) {
      await told.flush();
      if (stopping.aborted) this.note(run, await this.leases.release(run), 'released', startedAt);
      else if (lost.signal.aborted) this.note(run, 'lost', 'abandoned', startedAt);
      else {
        const reason = timeout.aborted ? `no result within ${limitMs} ms` : this.reasonOf(error, run);
        this.note(run, await this.leases.breakOff(run, reason), 'broken-off', startedAt, reason);
      }
    } finally {
      clearInterval(heartbeat);
    }
  }

  /** What an attempt comes to: a model that passes its gates is signed with what it was made from. */
  private async conclude(run: RunEntity, { result, job }: { result: JobResult; job: Job }): Promise<Ending> {
    if (result.outcome === 'refused') return { reason: result.reasons.join('; ') };
    if (result.outcome !== 'succeeded') throw new Error(`a run ended as ${result.outcome}`);
    const { outcome: _, championMetrics: metrics, comparison, ...made } = result;
    const champion = job.champion && metrics ? { champion: championOf(job.champion, metrics, comparison) } : {};
    const whole: RunResult = { ...made, params: job.params, ...champion };
    const faults = gateFaults(run.recipe.gates ?? [], { metrics: made.metrics, comparison, hasChampion: job.champion !== undefined });
    if (faults.length > 0) return { reason: faults.join('; '), result: whole };
    const { digest: provenanceDigest, publicKey: provenanceKey } = await this.provenance.sign(run, job, whole);
    await this.steps.note(run, { name: 'sign', status: 'done', key: provenanceDigest, output: { provenanceDigest } });
    return { result: { ...whole, provenanceDigest, provenanceKey } };
  }

  /** A result is worth waiting for the database: training again costs more, and the lease decides whose result counts. */
  private async settleThroughOutage(run: RunEntity, { reason, result }: Ending, stopping: AbortSignal): Promise<Outcome> {
    const giveUpAt = performance.now() + settleForMs;
    for (;;) {
      try {
        if (reason === undefined && result) return await this.leases.succeed(run, result);
        return await this.leases.refuse(run, reason ?? 'there is no result', result);
      } catch (error) {
        if (!isOutage(error) || stopping.aborted || performance.now() > giveUpAt) throw error;
        await delay(settleAgainMs);
      }
    }
  }

  private async renew(run: RunEntity, lost: AbortController): Promise<void> {
    try {
      if (!(await this.leases.renew(run))) lost.abort();
    } catch (error) {
      // the lease outlives a short outage of the database; a long one ends it, and storing the result then fails
      this.log.warn({ err: error, runId: run.id }, 'the lease was not renewed');
    }
  }

  private async findChampion(modelName: string): Promise<Champion> {
    const champion = await this.champions.find(modelName);
    if (!champion) return undefined;
    const { version, artifactDigest, outputs } = champion;
    return { version, artifactDigest, ...(outputs ? { outputs } : {}) };
  }

  private jobOf(run: RunEntity, champion: Champion, profiles: KnownProfiles | undefined): Job {
    const { modelName, datasetVersion, evaluationDatasetVersion, recipe } = run;
    const { trainer, features, label, params, split, excludedWindows, evaluation = noEvaluation } = recipe;
    const rows = { datasetVersion, evaluationDatasetVersion, features, label, split, excludedWindows };
    const known = { ...(champion ? { champion } : {}), ...(profiles ? { profiles } : {}) };
    return { objectRoot: this.config.OBJECT_ROOT, modelName, trainer, params, evaluation, ...rows, ...known };
  }

  // what a database or a file says is for the log, not for everybody who reads the run
  private reasonOf(error: unknown, { id: runId }: RunEntity): string {
    if (error instanceof AttemptFailed) return error.message;
    this.log.error({ err: error, runId }, 'the attempt broke off');
    return 'something went wrong on our side; the log of training says what';
  }

  private note(run: RunEntity, outcome: Outcome, end: string, startedAt: number, reason?: string): void {
    const seconds = (performance.now() - startedAt) / 1000;
    this.metrics.counter('training_attempts_total', 'attempts at runs by their end').add(1, { end: outcome === 'lost' ? 'lost' : end });
    this.metrics.histogram('training_attempt_seconds', 'duration of attempts at runs').record(seconds, { end });
    this.log.info({ runId: run.id, attempt: run.attempt, end, outcome, seconds, ...(reason ? { reason } : {}) }, 'attempt ended');
  }
}
