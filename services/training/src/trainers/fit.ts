import { scoreWithArtifact } from '../evaluation/onnx.runtime.js';
import { buildOnnx, signatureOf } from './build-onnx.js';
import { isBuiltIn } from './built-in.js';
import type { Made } from './conclude.js';
import { builtInParams, type Job } from './job.schema.js';
import { fitLogisticRegression, type LogisticModel, scoreRows } from './logistic-regression.js';
import { fitPrior } from './prior.js';
import type { Split } from './split.js';

/** Probabilities of the artifact and of the fitted model may differ by float rounding only. */
const tolerance = 1e-4;

function fitModel({ trainer, features, params }: Job, { training }: Split): { model: LogisticModel; title: string } {
  if (!isBuiltIn(trainer)) throw new Error(`${trainer} is no built-in trainer`);
  if (trainer === 'prior') return { model: fitPrior(features, training), title: 'share of positives' };
  return { model: fitLogisticRegression(features, training, builtInParams[trainer].parse(params)), title: 'logistic regression' };
}

/** Fits on the training part and writes the artifact; scores the hold-out with the very bytes that will be served. */
export async function fit(job: Job, split: Split): Promise<Made> {
  const { model, title } = fitModel(job, split);
  const artifact = buildOnnx(model, { modelName: job.modelName, about: `${title}, dataset ${job.datasetVersion}` });
  const scores = await scoreWithArtifact(artifact, { features: job.features, rows: split.holdout });
  const fitted = scoreRows(model, split.holdout);
  if (scores.some((score, row) => !(Math.abs(score - fitted[row]!) < tolerance))) {
    throw new Error('the ONNX artifact does not answer as the fitted model does');
  }
  return { artifact, scores, signature: signatureOf(job.features) };
}
