import assert from 'node:assert/strict';
import { catalogue, isJsonEvent } from '@bascule/contracts';
import { describe, it } from 'vitest';
import { referencesOf, typesWithReferences } from './event-references.js';

/** Events about the installation as a whole; nothing else descends from them. */
const aboutNothingElse = ['serving.capture.dropped.v1', 'governance.loop.frozen.v1', 'governance.loop.unfrozen.v1'];

describe('references of events', () => {
  it('are known for every event of the catalogue', () => {
    const expected = catalogue.filter(isJsonEvent).map(({ type }) => type);
    assert.deepEqual([...typesWithReferences, ...aboutNothingElse].sort(), [...expected].sort());
  });

  it('lead from a version to its run', () => {
    const references = referencesOf('registry.version.registered.v1', { modelName: 'm', version: 3, runId: 'r', artifactDigest: 'a' });
    assert.deepEqual(references, [
      { reference: 'version/m@3', role: 'defines' },
      { reference: 'run/r', role: 'because' },
      { reference: 'artifact/a', role: 'defines' },
    ]);
  });

  it('lead from a version to the move that took an alias away from it', () => {
    const move = { modelName: 'm', alias: 'champion', version: 4, previousVersion: 3 };
    for (const [type, data] of [
      ['registry.alias.moved.v1', move],
      ['registry.alias.removed.v1', { ...move, version: undefined }],
    ] as const) {
      const references = referencesOf(type, data).map(({ reference, role }) => `${role} ${reference}`);
      assert.ok(references.includes('mentions left-version/m@3'), type);
      assert.ok(!references.some((reference) => reference.endsWith(' version/m@3')), type);
    }
  });

  it('name each prediction and record that a client reports on', () => {
    const items = [{ predictionId: 'p' }, { clientRecordId: 'C-1' }, null];
    const references = referencesOf('serving.ground-truth.received.v1', { submissionId: 's', modelName: 'm', items }).map(
      ({ reference }) => reference,
    );
    assert.deepEqual(references, ['submission/s', 'prediction/p', 'record/m/C-1']);
  });

  it('are few and harmless for data that is not what its type promises', () => {
    for (const type of typesWithReferences) {
      for (const data of [null, 'x', 7, [], {}, { items: 'x', batchIds: 5, version: 'x' }]) {
        for (const { reference } of referencesOf(type, data)) assert.ok(reference.length <= 500);
      }
    }
    assert.deepEqual(referencesOf('training.run.started.v1', { runId: 'x'.repeat(3000) }), []);
  });
});
