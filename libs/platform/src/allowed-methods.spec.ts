import { expect, it } from 'vitest';
import { AllowedMethods } from './allowed-methods.js';

it('knows the methods of an address, parameters included', () => {
  const allowed = new AllowedMethods();
  allowed.add('/v1/models/:model', 'GET');
  allowed.add('/v1/models/:model', ['PUT', 'DELETE']);
  allowed.add('/*', 'GET');
  expect(allowed.of('/v1/models/claims')).toEqual(['DELETE', 'GET', 'PUT']);
  expect(allowed.of('/v1/models/')).toEqual([]);
  expect(allowed.of('/v1/models/claims/versions')).toEqual([]);
});
