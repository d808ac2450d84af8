import { type DatasetProfile, type DatasetProfiled, datasetProfile } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { type DriftVerdict, decideDrift } from '../drift/drift-verdict.js';
import { datasetUnprofiled, modelNotFound } from '../errors.js';
import { PoliciesService } from '../policies/policies.service.js';
import { ReferencesService } from '../references/references.service.js';
import { columnBins } from './column-bins.js';

/** How far a dataset version is from the one that a model was trained on. */
export interface DatasetDrift {
  readonly version: number;
  readonly datasetName: string;
  readonly trainedOn: string;
  readonly datasetVersion: string;
  readonly verdict: 'drifted' | 'stable';
  readonly features: readonly DriftVerdict[];
  /** Features whose columns the profiles do not tell of, or that one of the versions does not have. */
  readonly notCompared: readonly string[];
}

/** Drift of datasets, from the profiles that ingestion made of their versions: no row is read. */
@Injectable()
export class DatasetDriftService {
  constructor(
    private readonly transactions: Transactions,
    private readonly objects: ObjectStore,
    private readonly references: ReferencesService,
    private readonly policies: PoliciesService,
  ) {}

  /** Keeps where the profile of a version lies; one that was made again takes the place of the former. */
  async keepProfile({ data, time, entityversion }: DatasetProfiled): Promise<void> {
    await this.transactions.manager.query(
      `insert into dataset_profiles as known (dataset_name, dataset_version, profile_digest, sequence) values ($1, $2, $3, $4)
       on conflict (dataset_name, dataset_version) do update set profile_digest = excluded.profile_digest, sequence = excluded.sequence
       where known.sequence < excluded.sequence`,
      [data.datasetName, data.datasetVersion, data.profileDigest, entityversion ?? Date.parse(time)],
    );
  }

  /**
   * Holds a dataset version against the one that a model version was trained on, feature by feature, under the policy of the model.
   * @param modelVersion the one in production where none is named
   * @param datasetVersion the one profiled last where none is named
   */
  async compare(modelName: string, modelVersion: number | undefined, datasetVersion: string | undefined): Promise<DatasetDrift> {
    const version = modelVersion ?? (await this.references.findProduction(modelName));
    const reference = version === undefined ? undefined : await this.references.find(modelName, version);
    if (version === undefined || !reference) throw modelNotFound({ model: modelName, ...(version === undefined ? {} : { version }) });
    const { datasetName, datasetVersion: trainedOn } = reference;
    const wanted = datasetVersion ?? (await this.latestOf(datasetName));
    const [before, now] = [await this.profileOf(datasetName, trainedOn), await this.profileOf(datasetName, wanted)];
    const { policy } = await this.policies.get(modelName);
    const features: DriftVerdict[] = [];
    const notCompared: string[] = [];
    for (const { name } of reference.features) {
      const [then, since] = [columnOf(before, name), columnOf(now, name)];
      const bins = then && since && columnBins(then, since);
      if (bins) features.push(decideDrift(name, bins, policy.drift));
      else notCompared.push(name);
    }
    features.sort((a, b) => b.score - a.score);
    const verdict = features.some((feature) => feature.verdict === 'drifted') ? 'drifted' : 'stable';
    return { version, datasetName, trainedOn, datasetVersion: now.datasetVersion, verdict, features, notCompared };
  }

  private async latestOf(datasetName: string): Promise<string | undefined> {
    const [row] = (await this.transactions.manager.query(
      'select dataset_version as version from dataset_profiles where dataset_name = $1 order by sequence desc limit 1',
      [datasetName],
    )) as { version: string }[];
    return row?.version;
  }

  private async profileOf(datasetName: string, datasetVersion: string | undefined): Promise<DatasetProfile> {
    const [row] = (await this.transactions.manager.query(
      'select profile_digest as digest from dataset_profiles where dataset_name = $1 and dataset_version = $2',
      [datasetName, datasetVersion],
    )) as { digest: string }[];
    // removed where a person's records were erased from the version
    if (!row || !(await this.objects.has(row.digest))) throw datasetUnprofiled({ dataset: datasetName, version: datasetVersion });
    return datasetProfile.parse(JSON.parse((await this.objects.get(row.digest)).toString('utf8')));
  }
}

function columnOf({ columns }: DatasetProfile, name: string) {
  return columns.find((column) => column.name === name);
}
