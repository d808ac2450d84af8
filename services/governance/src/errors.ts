import { defineError } from '@bascule/platform';

export const approvalNotFound = defineError({
  code: 'governance.approval_not_found',
  kind: 'not_found',
  title: 'No such approval',
  remedy: 'List the approvals and pick one that exists.',
});

export const ownRequest = defineError({
  code: 'governance.own_request',
  kind: 'forbidden',
  title: 'Nobody approves their own request',
  remedy: 'Ask another approver to vote.',
});

export const alreadyDecided = defineError({
  code: 'governance.already_decided',
  kind: 'conflict',
  title: 'The approval is already decided',
  remedy: 'Request a new promotion if the decision should be taken again.',
});

export const roleNotAsked = defineError({
  code: 'governance.role_not_asked',
  kind: 'forbidden',
  title: 'Your role has no vote on this promotion',
  remedy: 'Ask somebody who holds a role that detail names.',
});

export const alreadyVoted = defineError({
  code: 'governance.already_voted',
  kind: 'conflict',
  title: 'You have voted on this promotion',
  remedy: 'Ask those who have not: everybody has one vote.',
});

export const keyNotFound = defineError({
  code: 'governance.key_not_found',
  kind: 'not_found',
  title: 'No such key',
  remedy: 'List the keys and pick one that exists.',
});

export const lastAdmin = defineError({
  code: 'governance.last_admin',
  kind: 'conflict',
  title: 'The last admin key cannot be revoked',
  remedy: 'Create another admin key first.',
});

export const entryNotFound = defineError({
  code: 'governance.entry_not_found',
  kind: 'not_found',
  title: 'No such entry in the audit log',
  remedy: 'Use an index below the size of the log.',
});

export const checkpointNotFound = defineError({
  code: 'governance.checkpoint_not_found',
  kind: 'not_found',
  title: 'The log is still empty and nothing is signed yet',
  remedy: 'Try again after the first event.',
});

export const sizeOutOfRange = defineError({
  code: 'governance.size_out_of_range',
  kind: 'invalid',
  title: 'The log never had that size',
  remedy: 'Use sizes of signed checkpoints.',
});

export const nothingKnown = defineError({
  code: 'governance.nothing_known',
  kind: 'not_found',
  title: 'The audit log knows nothing under that id',
  remedy: 'Use the id of an event, prediction, run, batch, promotion, rollout or dataset version, or model@version.',
});

export const unclearQuestion = defineError({
  code: 'governance.unclear_question',
  kind: 'invalid',
  title: 'Ask for one thing',
  remedy: 'Give clientRecordId and model, or promotionId, or id.',
});

export const bootstrapKeysUnusable = defineError({
  code: 'governance.bootstrap_keys_unusable',
  kind: 'invalid',
  title: 'The file of first keys cannot be used',
  remedy: 'Write a JSON object of role to key, each key of the form bsc_<id>_<secret>.',
});
