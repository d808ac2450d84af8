import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelSignature } from '@bascule/contracts';
import type { ObjectStore } from '@bascule/storage';
import { InferenceSession } from 'onnxruntime-node';
import { answerWithArtifact } from '../evaluation/onnx.runtime.js';
import { signatureOf } from '../graph/emit-answers.js';
import { conclude, judgeTrial, type Made } from '../trainers/conclude.js';
import type { Target } from '../trainers/fitted-model.js';
import type { Job, JobResult } from '../trainers/job.schema.js';
import { openData } from '../trainers/open-data.js';
import { readChampion, readSlice } from '../trainers/read-slice.js';
import type { Report } from '../trainers/report.js';
import { datatypeOf, type Feature, type Rows } from '../trainers/row.js';
import { once, Steps } from '../trainers/steps.js';
import { targetOf } from '../trainers/target.js';
import { collectArtifacts } from './collect-artifacts.js';
import { programMetrics } from './program-job.schema.js';

const maxModelBytes = 2 ** 30;
const maxMetricsBytes = 1_048_576;

class Unfit extends Error {}

/** A file the program left; links and folders are none. */
async function readLeft(folder: string, name: string, maxBytes: number): Promise<Buffer | undefined> {
  const path = join(folder, name);
  const found = await lstat(path).catch(() => undefined);
  if (!found) return undefined;
  if (!found.isFile()) throw new Unfit(`${name} is no file, or a link`);
  if (found.size > maxBytes) throw new Unfit(`${name} has ${found.size} bytes, ${maxBytes} may be`);
  return readFile(path);
}

async function readMetrics(folder: string): Promise<Pick<Made, 'metrics' | 'better'>> {
  const bytes = await readLeft(folder, 'metrics.json', maxMetricsBytes);
  if (!bytes) return {};
  try {
    const told = Object.entries(programMetrics.parse(JSON.parse(bytes.toString('utf8'))));
    return {
      metrics: Object.fromEntries(told.map(([name, of]) => [name, typeof of === 'number' ? of : of.value])),
      better: Object.fromEntries(told.flatMap(([name, of]) => (typeof of === 'number' ? [] : [[name, of.better]]))),
    };
  } catch {
    throw new Unfit('metrics.json is no JSON object of numbers, or of {"value", "better": "higher" or "lower"}');
  }
}

/** Names and types a client sends and gets, as the artifact itself says. */
async function inspect(artifact: Uint8Array, features: readonly Feature[], { task, classes }: Target): Promise<ModelSignature> {
  const session = await InferenceSession.create(artifact, { intraOpNumThreads: 1, interOpNumThreads: 1 }).catch((error: Error) => {
    throw new Unfit(`model.onnx cannot be loaded: ${error.message.split('\n')[0]!.slice(0, 300)}`);
  });
  try {
    const byName = new Map(features.map((feature) => [feature.name, feature]));
    const taken = session.inputMetadata.map((input) => {
      const feature = byName.get(input.name);
      if (!feature) throw new Unfit(`model.onnx has an input ${input.name} that is no feature of the pipeline`);
      const wanted = tensorTypes[datatypeOf(feature)];
      if (!input.isTensor || input.type !== wanted) throw new Unfit(`input ${input.name} of model.onnx is no tensor of ${wanted}`);
      return feature;
    });
    for (const [name, wanted] of task === 'regression' ? valueOutputs : classOutputs) {
      const found = session.outputMetadata.find((output) => output.name === name);
      if (!found?.isTensor || found.type !== wanted) throw new Unfit(`model.onnx has no output ${name} of ${wanted}`);
    }
    return signatureOf(taken, task, task === 'multiclass' ? classes : []);
  } finally {
    await session.release();
  }
}

const tensorTypes = { FP32: 'float32', FP64: 'float64', BYTES: 'string' } as const;
const valueOutputs = [['value', 'float32']] as const;
const classOutputs = [
  ['probabilities', 'float32'],
  ['label', 'int64'],
] as const;

async function score(artifact: Uint8Array, features: readonly Feature[], rows: Rows, { task, classes }: Target): Promise<Float64Array> {
  const scores = await answerWithArtifact(artifact, { features, rows }, task).catch((error: Error) => {
    throw new Unfit(`model.onnx cannot score the hold-out: ${error.message.split('\n')[0]!.slice(0, 300)}`);
  });
  const isProbable = (value: number) => (task === 'regression' ? Number.isFinite(value) : value >= 0 && value <= 1);
  const odd = scores.find((value) => !isProbable(value));
  if (odd !== undefined) throw new Unfit(`model.onnx gives ${odd} for a ${task === 'regression' ? 'number' : 'probability'}`);
  const width = task === 'multiclass' ? classes.length : 1;
  if (scores.length !== rows.length * width) throw new Unfit(`model.onnx does not answer for ${Math.max(width, classes.length)} classes`);
  return scores;
}

/** Judges what a program left in its folder on rows it never saw; a run whose program left nothing of use is refused. */
export async function evaluate(job: Job, objects: ObjectStore, folder: string, report: Report, steps = new Steps()): Promise<JobResult> {
  const champion = once(() => readChampion(job, objects));
  try {
    if (job.trial) {
      const slice = await readSlice(job, objects, undefined);
      if ('reasons' in slice) return { outcome: 'refused', reasons: [...slice.reasons] };
      return judgeTrial(job, slice.split, await readMade(job, folder, slice.split.holdout));
    }
    const data = await openData(job, objects, steps, champion);
    if ('reasons' in data) return { outcome: 'refused', reasons: [...data.reasons] };
    const { artifact, signature, metrics = {}, scores } = await readMade(job, folder, (await data.judged()).holdout);
    const { digest, sizeBytes } = await objects.put(artifact);
    const kept = { artifactDigest: digest, artifactSizeBytes: sizeBytes, signature, metrics };
    const result = await conclude({ job, objects, data, champion, report, steps }, kept, async () => scores);
    if (result.outcome !== 'succeeded') return result;
    const { artifacts, notes } = await collectArtifacts(folder, objects);
    return { ...result, notes: [...result.notes, ...notes], ...(artifacts.length > 0 ? { artifacts } : {}) };
  } catch (error) {
    if (error instanceof Unfit) return { outcome: 'refused', reasons: [error.message] };
    throw error;
  }
}

/** What the program left, and what it gives on the rows it is judged on. */
async function readMade({ features, label }: Job, folder: string, holdout: Rows) {
  const artifact = await readLeft(folder, 'model.onnx', maxModelBytes);
  if (!artifact || artifact.length === 0) throw new Unfit('the trainer left no model.onnx');
  const target = targetOf(label);
  const signature = await inspect(artifact, features, target);
  const told = await readMetrics(folder);
  return { artifact, signature, ...told, scores: await score(artifact, features, holdout, target) };
}
