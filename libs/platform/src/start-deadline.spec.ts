import assert from 'node:assert/strict';
import { it } from 'vitest';
import { inTime } from './start-deadline.js';

it('ends a start that hangs, and says where', async () => {
  await assert.rejects(inTime('opening the port', 20, new Promise(() => undefined)), /opening the port did not end within 0.02 s/);
  await assert.rejects(inTime('opening the port', 20, Promise.reject(new Error('in use'))), /in use/);
  assert.equal(await inTime('opening the port', 1000, Promise.resolve(7)), 7);
});
