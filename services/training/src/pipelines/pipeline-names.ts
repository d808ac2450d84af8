import { type Credential, requireDataset, requireModel } from '@bascule/access';

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
