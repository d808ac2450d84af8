import { expect, it } from 'vitest';
import { requireDataset, requireModel } from './credential.js';

const credential = { keyId: 'k', identity: 'i', roles: [], models: ['claims-*'], datasets: [] };

it('refuses what no pattern covers, without naming it', () => {
  expect(() => requireModel(credential, 'claims-triage')).not.toThrow();
  expect(() => requireModel(credential, 'loans')).toThrow(/^access\.model_not_allowed: (?!.*loans)/);
  expect(() => requireDataset(credential, 'accounts')).toThrow(/^access\.dataset_not_allowed: (?!.*accounts)/);
});
