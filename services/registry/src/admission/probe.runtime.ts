// The program of the child process that inspects and tries a model: a file that hangs, crashes or devours memory ends it alone.
import { readFileSync, writeSync } from 'node:fs';
import { endWithParent } from '@bascule/platform/end-with-parent';
import { type AnswerTensor, type BatchProbe, type ProbeMessage, type ProbeTask, probeBatches } from './admission.js';
import { inspectFile } from './file-inspection.js';
import { underLoad } from './load-test.js';
import { type Answer, ProbeSession, runtime } from './probe-session.runtime.js';
import { runtimeWords } from './runtime-words.js';
import { hasBatchAxis, openWidths, type SampleTensor, withRows } from './sample-rows.js';
import { type SilentOutputs, silentVerdict } from './silent-outputs.js';

// the runtime's native side does not know this class yet; without it, halves travel as 16-bit words
Reflect.deleteProperty(globalThis, 'Float16Array');
endWithParent();

const minRuns = 5;
const maxRuns = 50;
const measureMs = 150;

function tell(message: ProbeMessage): void {
  writeSync(3, `${JSON.stringify(message)}\n`);
}

/** The task, and behind it the bytes of the model. */
function readTask(): { task: ProbeTask; file: Uint8Array } {
  const input = readFileSync(0);
  const end = 4 + input.readUInt32LE(0);
  return { task: JSON.parse(input.subarray(4, end).toString('utf8')) as ProbeTask, file: input.subarray(end) };
}

async function measure(session: ProbeSession, batch: readonly SampleTensor[], rows: number): Promise<BatchProbe | string[]> {
  const faults = await session.run(batch);
  if (faults.length > 0) return faults;
  const times: number[] = [];
  const startedAt = performance.now();
  while (times.length < maxRuns && (times.length < minRuns || performance.now() - startedAt < measureMs)) {
    const before = performance.now();
    await session.run(batch);
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Number(times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toFixed(3));
  return { rows, runs: times.length, medianMs: at(0.5), p95Ms: at(0.95), residentBytes: process.memoryUsage.rss() };
}

async function probe(): Promise<ProbeMessage> {
  const { task, file } = readTask();
  tell({ stage: 'inspecting the file' });
  const { faults, facts } = inspectFile(file);
  if (!facts) return { faults };
  tell({ stage: 'loading the model' });
  const before = performance.now();
  let session: ProbeSession;
  try {
    // a copy of its own: the runtime takes the whole buffer, not the view
    session = await ProbeSession.open(new Uint8Array(file), task.signature);
  } catch (error) {
    return { faults: [`the runtime does not load it: ${wordsOf(error)}`] };
  }
  const loadMs = Math.round(performance.now() - before);
  const unsupported = session.unsupported();
  if (unsupported.length > 0) return { faults: unsupported };
  if (task.isTrial) return trial(session, task.samples);
  const silent: SilentOutputs[] = [];
  for (const [index, request] of task.samples.entries()) {
    tell({ stage: `answering sample ${index + 1}` });
    const answer = await answerOf(session, request);
    // rows that were made up have one column where nobody says how many
    const hints = task.areSamplesGiven
      ? []
      : openWidths(task.signature).map((name) => `the width of input ${name} is unknown: give samples`);
    if (answer.faults.length > 0) return { faults: [...answer.faults.map((fault) => `sample ${index + 1}: ${fault}`), ...hints] };
    silent.push(answer.silent);
  }
  const unheard = silentVerdict(silent, task.areSamplesGiven ?? false);
  if (unheard.faults.length > 0) return { faults: unheard.faults };
  const last = task.samples.at(-1)!;
  if (task.load) {
    tell({ stage: 'answering under load' });
    const { rowsPerRequest } = task.load;
    if (rowsPerRequest > 1 && !hasBatchAxis(task.signature)) return { faults: ['it has no batch axis: a request has one row'] };
    const request = hasBatchAxis(task.signature) ? withRows(last, rowsPerRequest) : last;
    return { load: await underLoad(task.load, () => answers(session, request)) };
  }
  const batches: BatchProbe[] = [];
  const isBatched = hasBatchAxis(task.signature);
  const cautions = [...unheard.cautions, ...(isBatched ? [] : ['it has no batch axis: one request is answered at a time'])];
  for (const rows of isBatched ? probeBatches : probeBatches.slice(0, 1)) {
    tell({ stage: `answering ${rows} rows` });
    const found = await measure(session, isBatched ? withRows(last, rows) : last, rows).catch((error: unknown) => [wordsOf(error)]);
    if (!Array.isArray(found)) batches.push(found as BatchProbe);
    else if (batches.length === 0) return { faults: found.map((fault) => `${rows} rows: ${fault}`) };
    else {
      cautions.push(`it does not answer ${rows} rows at once: ${found.join('; ')}`);
      break;
    }
  }
  return { admission: { file: facts, runtime, loadMs, batches, cautions } };
}

async function trial(session: ProbeSession, samples: ProbeTask['samples']): Promise<ProbeMessage> {
  const found: (readonly AnswerTensor[])[] = [];
  for (const [index, request] of samples.entries()) {
    tell({ stage: `answering sample ${index + 1}` });
    try {
      const { faults, tensors } = await session.answer(request);
      if (faults.length > 0) return { faults };
      found.push(tensors);
    } catch (error) {
      return { faults: [`it does not answer: ${wordsOf(error)}`] };
    }
  }
  return { answers: found };
}

async function answerOf(session: ProbeSession, request: readonly SampleTensor[]): Promise<Answer> {
  try {
    return await session.answer(request);
  } catch (error) {
    return { faults: [`it does not answer: ${wordsOf(error)}`], tensors: [], silent: [] };
  }
}

async function answers(session: ProbeSession, request: readonly SampleTensor[]): Promise<string[]> {
  try {
    return await session.run(request);
  } catch (error) {
    return [`it does not answer: ${wordsOf(error)}`];
  }
}

function wordsOf(error: unknown): string {
  return runtimeWords(error instanceof Error ? error.message : String(error));
}

tell(await probe());
process.exit(0);
