import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasetPublished } from '@bascule/contracts';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBirdstrikes } from './birdstrikes.js';
import { clientOf, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

/** A Python with the packages of the example: `TEST_PYTHON`, or the one in PATH. */
const python = process.env['TEST_PYTHON'] ?? 'python3';
const missing = (() => {
  try {
    execFileSync(python, ['-c', 'import sklearn, skl2onnx, pyarrow, pandas'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return String((error as { stderr?: Buffer }).stderr ?? error)
      .trim()
      .split('\n')
      .at(-1);
  }
})();
if (missing) console.warn(`the trainer in Python is not tested: ${missing}`);

describe.skipIf(missing)('the trainer in Python', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    const program = new URL('../../../examples/trainers/scikit-learn/train.py', import.meta.url).pathname;
    const file = join(temporaryFolder('python-trainer'), 'trainers.json');
    writeFileSync(
      file,
      JSON.stringify({ 'scikit-learn': { command: [python, program], environment: { OMP_NUM_THREADS: '1', PYTHONHASHSEED: '0' } } }),
    );
    training = await startTraining();
    const { url } = await training.start({ TRAINERS_FILE: file });
    api = clientOf(url, await training.key(['scientist']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
    await training.publish(datasetPublished, await storeDataset(training.objects, readBirdstrikes()));
    await eventually(async () => (await training.query('select 1 from dataset_versions')).length === 1);
  });
  afterAll(() => training.stop());

  it('leaves a model that scores the hold-out, twice the same', async () => {
    const triggers = { onFirstDataset: false };
    await api.post('pipelines', { ...pipeline, trainer: 'scikit-learn', params: { trees: 30 }, triggers });
    const digests: string[] = [];
    for (let time = 0; time < 2; time++) {
      const { runId } = (await api.post('pipelines/claims-triage/runs', {})).body;
      const run = await eventually(
        async () => {
          const { body } = await api.get(`runs/${runId}`);
          return ['succeeded', 'failed'].includes(body.status) && body;
        },
        { timeoutMs: 200_000 },
      );
      expect(run.reason).toBeNull();
      expect(run.result.metrics.auc).toBeGreaterThan(0.7);
      expect(run.result.metrics['trainer.validationAuc']).toBeGreaterThan(0.7);
      digests.push(run.result.artifactDigest);
    }
    expect(digests[1]).toBe(digests[0]);
  }, 420_000);
});
