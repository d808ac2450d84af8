import type { Readable } from 'node:stream';
import { type Credential } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { artifactNotFound, runNotFound } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import { RunEntity } from '../runs/run.entity.js';
import { RunsService } from '../runs/runs.service.js';
import { type ComparedRow, type ComparedRun, compareRuns } from './compare-runs.js';
import type { RunChange } from './experiments.schema.js';
import { type Measured, type MetricSeries, seriesOf } from './metric-series.js';
import { RunValuesService } from './run-values.service.js';

export interface RunArtifact {
  readonly name: string;
  readonly digest: string;
  readonly sizeBytes?: number;
}

/** What people do with runs: name and note them, look at their curves and files, put them side by side. */
@Injectable()
export class ExperimentsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly runs: RunsService,
    private readonly values: RunValuesService,
    private readonly objects: ObjectStore,
  ) {}

  /** Changes tags and note of a run. */
  async change(runId: string, { tags = {}, note }: RunChange): Promise<RunEntity> {
    return this.transactions.run(async (manager) => {
      const run = await manager.findOne(RunEntity, { where: { id: runId }, lock: { mode: 'pessimistic_write' } });
      if (!run) throw runNotFound({ id: runId });
      const given = Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== null);
      const taken = Object.keys(tags).filter((name) => tags[name] === null);
      const kept = Object.entries(run.tags).filter(([name]) => !(name in tags));
      const changed = { tags: Object.fromEntries([...kept, ...given]), note: note === undefined ? run.note : note || null };
      await manager.update(RunEntity, { id: runId }, changed);
      await this.values.remove(runId, 'tag', taken);
      await this.values.put(runId, 'tag', Object.fromEntries(given));
      return Object.assign(run, changed);
    });
  }

  /** Curves of what a run measured. */
  async series(runId: string): Promise<MetricSeries[]> {
    const rows: (Omit<Measured, 'at'> & { at: Date })[] = await this.transactions.manager.query(
      `select data ->> 'name' as name, (data ->> 'value')::double precision as value, (data ->> 'step')::double precision as step, at, attempt
       from run_events where run_id = $1 and kind = 'metric' order by sequence`,
      [runId],
    );
    return seriesOf(rows.map((row) => ({ ...row, step: row.step ?? undefined, at: row.at.toISOString() })));
  }

  /** Puts runs side by side that the credential may see. */
  async compare(ids: readonly string[], caller: Credential): Promise<{ runs: RunEntity[]; rows: ComparedRow[] }> {
    const runs: RunEntity[] = [];
    for (const id of ids) {
      const run = await this.runs.get(id);
      requireNames(caller, run);
      runs.push(run);
    }
    return { runs, rows: compareRuns(runs.map(comparedOf)) };
  }

  /** Files of a run: its model and what tells about it, and what its trainer left beside. */
  async artifacts(runId: string): Promise<RunArtifact[]> {
    const { result } = await this.runs.get(runId);
    if (!result) return [];
    const { artifactDigest, artifactSizeBytes, profileDigest, reportDigest, provenanceDigest, artifacts = [] } = result;
    return [
      { name: 'model.onnx', digest: artifactDigest, sizeBytes: artifactSizeBytes },
      { name: 'profile.json', digest: profileDigest },
      ...(reportDigest ? [{ name: 'evaluation.json', digest: reportDigest }] : []),
      ...(provenanceDigest ? [{ name: 'provenance.json', digest: provenanceDigest }] : []),
      ...artifacts,
    ];
  }

  async open(runId: string, name: string): Promise<Readable> {
    const artifact = (await this.artifacts(runId)).find((known) => known.name === name);
    if (!artifact) throw artifactNotFound({ id: runId, name });
    return this.objects.stream(artifact.digest);
  }
}

function comparedOf(run: RunEntity): ComparedRun {
  const { recipe, result } = run;
  const champion = result?.champion;
  return {
    runId: run.id,
    params: { trainer: recipe.trainer, ...(result?.params ?? recipe.params) },
    metrics: result?.metrics ?? {},
    tags: run.tags,
    facts: {
      pipeline: run.pipelineName,
      pipelineVersion: run.pipelineVersion,
      datasetVersion: run.datasetVersion,
      features: recipe.features.map(({ name }) => name).join(', '),
      split: JSON.stringify(recipe.split),
      status: run.status,
      ...(result
        ? { model: result.artifactDigest, trainedRows: result.trainedOn.rowCount, evaluatedRows: result.evaluatedOn.rowCount }
        : {}),
      ...(champion ? { champion: champion.version, besideChampion: champion.comparison?.verdict ?? null } : {}),
    },
  };
}
