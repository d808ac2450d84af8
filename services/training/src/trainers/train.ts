import type { ObjectStore } from '@bascule/storage';
import { answerWithArtifact } from '../evaluation/onnx.runtime.js';
import { conclude, type Kept, type Made } from './conclude.js';
import { type Fitted, fit, scoreFitted } from './fit.js';
import type { Job, JobResult } from './job.schema.js';
import { type OpenData, openData } from './open-data.js';
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
      const fitted = await fitOn(data, job, report);
      const made = await scoreFitted(job, fitted, (await data.judged()).holdout);
      scores = made.scores;
      const { digest, sizeBytes } = await objects.put(made.artifact);
      return { artifactDigest: digest, artifactSizeBytes: sizeBytes, ...keptOf(made) };
    },
    ({ artifactDigest }) => objects.has(artifactDigest),
  );
  const scored = once(async () => {
    if (scores) return scores;
    const { holdout } = await data.judged();
    return answerWithArtifact(await objects.get(kept.artifactDigest), { features: job.features, rows: holdout }, targetOf(job.label).task);
  });
  return conclude({ job, objects, data, champion, report, steps }, kept, scored);
}

/** Apart, so that nothing here refers to the rows of the training when it is done. */
async function fitOn({ slice }: OpenData, job: Job, report: Report): Promise<Fitted> {
  return fit(job, (await slice()).split.training, report);
}

function keptOf({ signature, metrics = {}, folds }: Made): Omit<Kept, 'artifactDigest' | 'artifactSizeBytes'> {
  return { signature, metrics, ...(folds ? { folds } : {}) };
}
