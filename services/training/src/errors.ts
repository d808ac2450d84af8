import { defineError } from '@bascule/platform';

export const pipelineNotFound = defineError({
  code: 'training.pipeline_not_found',
  kind: 'not_found',
  title: 'No such pipeline',
  remedy: 'List the pipelines and pick one that exists.',
});

export const pipelineExists = defineError({
  code: 'training.pipeline_exists',
  kind: 'conflict',
  title: 'A pipeline of this name exists',
  remedy: 'Choose another name, or change the existing pipeline with PUT.',
});

export const otherPipeline = defineError({
  code: 'training.other_pipeline',
  kind: 'invalid',
  title: 'The document names another pipeline than the address does',
  remedy: 'Put the document to the address of the pipeline it names, or leave its name out.',
});

export const pipelineVersionNotFound = defineError({
  code: 'training.pipeline_version_not_found',
  kind: 'not_found',
  title: 'No such version of the pipeline',
  remedy: 'List the versions of the pipeline and pick one that exists.',
});

export const runNotFound = defineError({
  code: 'training.run_not_found',
  kind: 'not_found',
  title: 'No such run',
  remedy: 'List the runs of the pipeline and pick one that exists.',
});

export const runEnded = defineError({
  code: 'training.run_ended',
  kind: 'conflict',
  title: 'The run has already ended',
  remedy: 'Read the run to see how it ended.',
});

export const datasetVersionNotFound = defineError({
  code: 'training.dataset_version_not_found',
  kind: 'not_found',
  title: 'Training does not know this dataset version',
  remedy: 'List the versions of the dataset at ingestion; a version published a moment ago arrives within seconds.',
});

export const triggerHeld = defineError({
  code: 'training.trigger_held',
  kind: 'conflict',
  title: 'The pipeline may not run now',
  remedy: 'Remove what the detail names, then request the run again.',
});

export const trainerUnknown = defineError({
  code: 'training.trainer_unknown',
  kind: 'unprocessable',
  title: 'No such trainer',
  remedy: 'List the trainers and name one of them, or have the operator add the program to TRAINERS_FILE.',
});

export const resourcesUnavailable = defineError({
  code: 'training.resources_unavailable',
  kind: 'unprocessable',
  title: 'The limits cannot be kept to here',
  remedy: 'Leave out the limits that the detail names, or have training run where the kernel allows them.',
});

export const proposalNotFound = defineError({
  code: 'training.proposal_not_found',
  kind: 'not_found',
  title: 'No such proposal',
  remedy: 'List the proposals and pick one that exists.',
});

export const proposalAnswered = defineError({
  code: 'training.proposal_answered',
  kind: 'conflict',
  title: 'The proposal has been answered',
  remedy: 'Read the proposal to see how it was answered.',
});

export const provenanceNotFound = defineError({
  code: 'training.provenance_not_found',
  kind: 'not_found',
  title: 'The run has no provenance',
  remedy: 'Only runs that made a model have one: read the run to see how it ended.',
});

export const artifactNotFound = defineError({
  code: 'training.artifact_not_found',
  kind: 'not_found',
  title: 'The run has no such artifact',
  remedy: 'List the artifacts of the run and pick one that exists.',
});
