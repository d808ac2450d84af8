import { createPublicKey } from 'node:crypto';
import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { modelKeyId, signProvenance } from '@bascule/proofs';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { provenanceNotFound } from '../errors.js';
import type { RunEntity, RunResult } from '../runs/run.entity.js';
import { RunsService } from '../runs/runs.service.js';
import { CodeVersionStore } from '../steps/code-version.store.js';
import type { Job } from '../trainers/job.schema.js';
import { seedOf } from '../trainers/seed.js';
import { provenanceOf } from './describe-run.js';
import { ProvenanceKey } from './provenance-key.store.js';

export interface ProvenanceKeyView {
  readonly keyId: string;
  /** PEM. */
  readonly publicKey: string;
  readonly firstUsedAt: Date;
}

/** Signed statements of what models were made from. */
@Injectable()
export class ProvenanceService {
  constructor(
    private readonly transactions: Transactions,
    private readonly runs: RunsService,
    private readonly codeVersion: CodeVersionStore,
    private readonly key: ProvenanceKey,
    private readonly objects: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /** Signs and stores what a run made its model from. @returns the digest of the envelope and the public key (PEM) that signed it */
  async sign(run: RunEntity, job: Job, result: RunResult): Promise<{ digest: string; publicKey: string }> {
    const { trainer, features, label, split, evaluation, resources, search, gates, excludedWindows } = run.recipe;
    const privateKey = await this.key.read();
    const envelope = signProvenance(
      provenanceOf({
        runId: run.id,
        pipeline: { name: run.pipelineName, version: run.pipelineVersion },
        modelName: run.modelName,
        dataset: { name: run.datasetName, version: run.datasetVersion },
        evaluationDatasetVersion: run.evaluationDatasetVersion,
        contract: result.contract,
        trainer,
        params: job.params,
        recipe: { features, label, split, evaluation, resources, search, gates },
        excludedWindows,
        seed: seedOf(job),
        artifactDigest: result.artifactDigest,
        profileDigest: result.profileDigest,
        reportDigest: result.reportDigest,
        program: result.program,
        artifacts: result.artifacts ?? [],
        takenOver: await this.takenOver(run.id),
        champion: job.champion,
        code: await this.codeVersion.get(),
        platform: `${process.platform}-${process.arch}`,
        startedOn: (run.startedAt ?? run.requestedAt).toISOString(),
        finishedOn: this.clock.now().toISOString(),
      }),
      privateKey,
    );
    const publicKey = createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString();
    await this.transactions.manager.query(
      'insert into provenance_keys (key_id, public_key, first_used_at) values ($1, $2, $3) on conflict do nothing',
      [modelKeyId(privateKey), publicKey, this.clock.now()],
    );
    const { digest } = await this.objects.put(Buffer.from(envelope));
    return { digest, publicKey };
  }

  private async takenOver(runId: string): Promise<Record<string, string>> {
    const rows: { name: string; reused_from: string }[] = await this.transactions.manager.query(
      'select name, reused_from from run_steps where run_id = $1 and reused_from is not null',
      [runId],
    );
    return Object.fromEntries(rows.map(({ name, reused_from }) => [name, reused_from]));
  }

  /** The envelope of a run that made a model. */
  async get(runId: string): Promise<object> {
    const { result } = await this.runs.get(runId);
    if (!result?.provenanceDigest) throw provenanceNotFound({ id: runId });
    return JSON.parse((await this.objects.get(result.provenanceDigest)).toString('utf8')) as object;
  }

  /** Keys that signed statements here, the newest first. */
  async listKeys(): Promise<ProvenanceKeyView[]> {
    return this.transactions.manager.query(
      `select key_id as "keyId", public_key as "publicKey", first_used_at as "firstUsedAt" from provenance_keys order by first_used_at desc`,
    );
  }
}
