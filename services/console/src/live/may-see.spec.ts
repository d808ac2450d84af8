import type { Credential } from '@bascule/access';
import type { Role } from '@bascule/contracts';
import { expect, it } from 'vitest';
import { maySee } from './may-see.js';

const key = (roles: Role[], models = ['claims-*'], datasets = ['birds*']): Credential => ({
  keyId: 'k',
  identity: 'i',
  roles,
  models,
  datasets,
});
const event = (data: unknown, type = 'training.run.started.v1') => ({ type, data });

it.each([
  [{ modelName: 'claims-triage' }, true],
  [{ modelName: 'loans' }, false],
  [{ datasetName: 'birdstrikes' }, true],
  [{ datasetName: 'accounts' }, false],
  [{ modelName: 'claims-triage', datasetName: 'accounts' }, false],
  [{ modelName: 'loans', datasetName: 'birdstrikes' }, false],
  [{ modelName: 'claims-triage', datasetName: 'birdstrikes', evaluationDatasetName: 'accounts' }, false],
  [{ promotionId: 'p' }, true],
  [{ unreadable: true }, false],
])('shows a key of claims-* and birds* an event with %j: %s', (data, expected) => {
  expect(maySee(key(['operator']), event(data))).toBe(expected);
});

it('shows a client nothing', () => {
  expect(maySee(key(['client'], ['*'], ['*']), event({ modelName: 'claims-triage' }))).toBe(false);
  expect(maySee(key([], ['*'], ['*']), event({}))).toBe(false);
});

it.each<[Role, boolean]>([
  ['admin', true],
  ['auditor', true],
  ['operator', false],
  ['scientist', false],
])('shows a change of keys to %s: %s', (role, expected) => {
  expect(maySee(key([role]), event({ keyId: 'k' }, 'governance.access.changed.v1'))).toBe(expected);
});
