import { defineError } from '@bascule/platform';

export const predictionNotFound = defineError({
  code: 'monitoring.prediction_not_found',
  kind: 'not_found',
  title: 'No such prediction',
  remedy: 'Predictions show up within a few seconds; check the id, or search by the client record id.',
});

export const modelNotFound = defineError({
  code: 'monitoring.model_not_found',
  kind: 'not_found',
  title: 'Nothing is known of this model here',
  remedy: 'Register a version of it, or set its policy.',
});

export const datasetUnprofiled = defineError({
  code: 'monitoring.dataset_unprofiled',
  kind: 'not_found',
  title: 'There is no profile of this dataset version',
  remedy:
    'Ingestion makes one a few seconds after it published the version; of versions that records were erased from there is none any more.',
});

export const rolloutNotFound = defineError({
  code: 'monitoring.rollout_not_found',
  kind: 'not_found',
  title: 'No such rollout',
  remedy: 'List the rollouts at serving and use one of their ids.',
});

export const unreadableBlock = defineError({
  code: 'monitoring.unreadable_block',
  kind: 'invalid',
  title: 'The block of predictions cannot be read',
  remedy: 'Look at the dead letter: its producer does not write prediction.v1 as it is defined.',
});

export const receivedTooFarAway = defineError({
  code: 'monitoring.received_too_far_away',
  kind: 'unprocessable',
  title: 'The time of receipt lies outside what is kept',
  remedy: 'Check the clock of the gateway; predictions older than the retention are not stored again.',
});

export const profileUnreadable = defineError({
  code: 'monitoring.profile_unreadable',
  kind: 'unprocessable',
  title: 'The reference profile cannot be read',
  remedy: 'Register a version whose reference profile follows the schema; until then its drift is not judged.',
});
