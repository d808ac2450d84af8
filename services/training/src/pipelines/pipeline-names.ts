import { type Credential, likePatterns, matchesAny, requireDataset, requireModel } from '@bascule/access';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';

/** What a key must be allowed to touch to touch a pipeline, or a run of one. */
export interface PipelineNames {
  readonly modelName: string;
  readonly datasetName: string;
  readonly evaluationDatasetName?: string | null | undefined;
}

/** Throws `access.model_not_allowed` or `access.dataset_not_allowed` unless the key's patterns cover every name. */
export function requireNames(caller: Credential, { modelName, datasetName, evaluationDatasetName }: PipelineNames): void {
  requireModel(caller, modelName);
  requireDataset(caller, datasetName);
  if (evaluationDatasetName) requireDataset(caller, evaluationDatasetName);
}

/** The datasets as events name them. */
export function datasetsOf({ datasetName, evaluationDatasetName }: PipelineNames): { datasetName: string; evaluationDatasetName?: string } {
  return { datasetName, ...(evaluationDatasetName ? { evaluationDatasetName } : {}) };
}

/** Leaves in a list what rests on datasets that the key's patterns cover. */
export function narrowByDatasets<Entity extends ObjectLiteral>(query: SelectQueryBuilder<Entity>, { datasets }: Credential): void {
  if (matchesAny(datasets, '*')) return;
  const { alias } = query;
  const own = `${alias}.datasetName like any(:datasets)`;
  const judging = `(${alias}.evaluationDatasetName is null or ${alias}.evaluationDatasetName like any(:datasets))`;
  query.andWhere(`${own} and ${judging}`, { datasets: likePatterns(datasets) });
}
