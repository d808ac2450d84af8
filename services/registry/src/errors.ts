import { defineError } from '@bascule/platform';

export const modelNotFound = defineError({
  code: 'registry.model_not_found',
  kind: 'not_found',
  title: 'No such registered model',
  remedy: 'List the models and pick one that exists.',
});

export const versionNotFound = defineError({
  code: 'registry.version_not_found',
  kind: 'not_found',
  title: 'No such model version',
  remedy: 'List the versions of the model and pick one that exists.',
});

export const versionRefused = defineError({
  code: 'registry.version_refused',
  kind: 'unprocessable',
  title: 'The upload did not become a version',
  remedy: 'Correct what errors names and upload again.',
});

export const signatureMismatch = defineError({
  code: 'registry.signature_mismatch',
  kind: 'unprocessable',
  title: 'The signature is not that of the model file',
  remedy: 'Correct the inputs and outputs that errors names, or upload the file they belong to.',
});

export const versionArchived = defineError({
  code: 'registry.version_archived',
  kind: 'conflict',
  title: 'The version is archived and can no longer be promoted',
  remedy: 'Promote another version, or register the artifact again.',
});

export const versionInUse = defineError({
  code: 'registry.version_in_use',
  kind: 'conflict',
  title: 'The version is in use',
  remedy: 'Promote another version first, or wait until the open promotion has ended.',
});

export const artifactNotFound = defineError({
  code: 'registry.artifact_not_found',
  kind: 'not_found',
  title: 'No such artifact',
  remedy: 'Check the digest, or upload the artifact first.',
});

export const artifactEmpty = defineError({
  code: 'registry.artifact_empty',
  kind: 'invalid',
  title: 'The upload has no bytes',
  remedy: 'Send the model file as application/octet-stream.',
});

export const gatesFailed = defineError({
  code: 'registry.gates_failed',
  kind: 'unprocessable',
  title: 'The version did not pass the gates',
  remedy: 'Train a better version, or ask again with override: {reason}; the approvers see it and decide.',
});

export const promotionOpen = defineError({
  code: 'registry.promotion_open',
  kind: 'conflict',
  title: 'Another promotion of this model is open in this environment',
  remedy: 'Wait until it has ended, or abort its rollout.',
});

export const alreadyChampion = defineError({
  code: 'registry.already_champion',
  kind: 'conflict',
  title: 'The version is already the champion of this environment',
  remedy: 'Promote another version.',
});

export const promotionNotFound = defineError({
  code: 'registry.promotion_not_found',
  kind: 'not_found',
  title: 'No such promotion',
  remedy: 'List the promotions of the model and pick one that exists.',
});

export const aliasNotFound = defineError({
  code: 'registry.alias_not_found',
  kind: 'not_found',
  title: 'No such alias',
  remedy: 'List the aliases of the model and pick one that exists.',
});

export const nothingInProduction = defineError({
  code: 'registry.nothing_in_production',
  kind: 'not_found',
  title: 'No version was in production at that time',
  remedy: 'Read the history of the champion alias.',
});

export const switchNotSeen = defineError({
  code: 'registry.switch_not_seen',
  kind: 'unavailable',
  title: 'The freeze switch still shows its old position',
  remedy: 'Nothing: the event is handled again in a moment.',
});

export const rolloutNotExpected = defineError({
  code: 'registry.rollout_not_expected',
  kind: 'conflict',
  title: 'A rollout ended for a promotion that was never approved',
  remedy: 'Find out who started the rollout; the alias was not moved.',
});

export const aliasReserved = defineError({
  code: 'registry.alias_reserved',
  kind: 'conflict',
  title: 'The champion alias is moved by completed rollouts only',
  remedy: 'Request a promotion of the version, or choose another alias.',
});

export const environmentUnknown = defineError({
  code: 'registry.environment_unknown',
  kind: 'unprocessable',
  title: 'There is no such environment here',
  remedy: 'Use an environment of the setting ENVIRONMENTS, or have it added there.',
});

export const probeBusy = defineError({
  code: 'registry.probe_busy',
  kind: 'unavailable',
  title: 'Too many models wait to be tried',
  remedy: 'Register the version again in a minute.',
});

export const digestMismatch = defineError({
  code: 'registry.digest_mismatch',
  kind: 'unprocessable',
  title: 'The bytes that arrived are not those that were announced',
  remedy: 'Compare the SHA-256 of your file with the announced one and send it again.',
});

export const signatureNotFound = defineError({
  code: 'registry.signature_not_found',
  kind: 'not_found',
  title: 'The version is not signed',
  remedy: 'Have an administrator sign it: POST …/signature.',
});

export const signingKeyNotFound = defineError({
  code: 'registry.signing_key_not_found',
  kind: 'not_found',
  title: 'No such signing key',
  remedy: 'List the signing keys and pick one that exists.',
});

export const provenanceKeyNotFound = defineError({
  code: 'registry.provenance_key_not_found',
  kind: 'not_found',
  title: 'No such key of provenance',
  remedy: 'List the keys and pick one that exists.',
});

export const provenanceKeyRevoked = defineError({
  code: 'registry.provenance_key_revoked',
  kind: 'conflict',
  title: 'The key was revoked, and stays so',
  remedy: 'Make the builder sign with a new key and trust that one.',
});

export const notTheRequester = defineError({
  code: 'registry.not_the_requester',
  kind: 'forbidden',
  title: 'Only the requester or an administrator takes a promotion back',
  remedy: 'Ask the requester, or deny the promotion as an approver.',
});

export const promotionDecided = defineError({
  code: 'registry.promotion_decided',
  kind: 'conflict',
  title: 'The promotion has been decided',
  remedy: 'Abort its rollout in serving instead.',
});

export const overrideNotAllowed = defineError({
  code: 'registry.override_not_allowed',
  kind: 'forbidden',
  title: 'Your role may not pass over the gates of this model',
  remedy: 'Ask somebody with a role that the promotion policy of the model names in overrideRoles.',
});

export const requestNotAllowed = defineError({
  code: 'registry.request_not_allowed',
  kind: 'forbidden',
  title: 'Scientists and administrators ask for promotions',
  remedy: 'Ask a scientist, or send an override where the promotion policy lets your role.',
});

export const loadTestFailed = defineError({
  code: 'registry.load_test_failed',
  kind: 'unprocessable',
  title: 'The model could not be put under load',
  remedy: 'See detail; ask for fewer rows per request where the model takes one at a time.',
});

export const loadTestNotFound = defineError({
  code: 'registry.load_test_not_found',
  kind: 'not_found',
  title: 'No such load test',
  remedy: 'Use the loadTestId that was answered as it was asked for.',
});

export const webhookNotFound = defineError({
  code: 'registry.webhook_not_found',
  kind: 'not_found',
  title: 'No such webhook',
  remedy: 'List the webhooks and pick one that exists.',
});

export const webhookExists = defineError({
  code: 'registry.webhook_exists',
  kind: 'conflict',
  title: 'There is a webhook of this name',
  remedy: 'Change that one, or choose another name.',
});

export const webhookAddressRefused = defineError({
  code: 'registry.webhook_address_refused',
  kind: 'unprocessable',
  title: 'Webhooks may not go to this host',
  remedy: 'Use a host of the setting WEBHOOK_HOSTS, and for one in the own network have its address added to WEBHOOK_NETWORKS.',
});

export const deliveryNotFound = defineError({
  code: 'registry.delivery_not_found',
  kind: 'not_found',
  title: 'No such message to this webhook',
  remedy: 'List the deliveries of the webhook; delivered ones are forgotten after WEBHOOK_KEEP_DAYS.',
});

export const artifactNotAnswering = defineError({
  code: 'registry.artifact_not_answering',
  kind: 'unprocessable',
  title: 'The model file does not answer this request',
  remedy: 'Compare signature and inputs with its outline: GET …/outline; detail says what went wrong.',
});
