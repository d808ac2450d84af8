import type { ObjectStore } from '@bascule/storage';
import { answerWithArtifact } from '../evaluation/onnx.runtime.js';
import { conclude, type Kept, type Made } from './conclude.js';
import { fit } from './fit.js';
import type { Job, JobResult } from './job.schema.js';
import { openData } from './open-data.js';
import { readChampion } from './read-slice.js';
import { noReport, type Report } from './report.js';
import { once, Steps } from './steps.js';
import { targetOf } from './target.js';

/** Trains with a built-in trainer, evaluates and stores; refuses when the data do not allow it. */
export async function train(job: Job, objects: ObjectStore, report: Report = noReport, steps = new Steps()): Promise<JobResult> {
  report.progress('read', 5);
  const champion = once(() => readChampion(job, objects));
  const data = await openData(job, objects, steps, champion);
  if ('reasons' in data) return { outcome: 'refused', reasons: [...data.reasons] };
  report.progress('fit', 30);
  const { trainer, params, modelName } = job;
  let scores: Float64Array | undefined;
  const kept = await steps.run<Kept>(
    'train',
    // the name and the version of the dataset stand in the artifact
    { ...data.inputs, trainer, params, modelName },
    async () => {
      const made = await fit(job, (await data.slice()).split, report);
      scores = made.scores;
      const { digest, sizeBytes } = await objects.put(made.artifact);
      return { artifactDigest: digest, artifactSizeBytes: sizeBytes, ...keptOf(made) };
    },
    ({ artifactDigest }) => objects.has(artifactDigest),
  );
  const scored = once(async () => {
    if (scores) return scores;
    const { split } = await data.slice();
    return answerWithArtifact(
      await objects.get(kept.artifactDigest),
      { features: job.features, rows: split.holdout },
      targetOf(job.label).task,
    );
  });
  return conclude({ job, objects, data, champion, report, steps }, kept, scored);
}

function keptOf({ signature, metrics = {}, folds }: Made): Omit<Kept, 'artifactDigest' | 'artifactSizeBytes'> {
  return { signature, metrics, ...(folds ? { folds } : {}) };
}
