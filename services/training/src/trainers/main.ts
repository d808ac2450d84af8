import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endWithParent } from '@bascule/platform/end-with-parent';
import { LocalStore } from '@bascule/storage/local-store';
import { evaluate } from '../trainer-programs/evaluate.js';
import { type ProgramContext, prepare } from '../trainer-programs/prepare.js';
import { type JobResult, type Task, task } from './job.schema.js';
import { reportToOutput } from './report.js';
import { Steps } from './steps.js';
import { train } from './train.js';
import { tryOut } from './try-out.js';

// one step of a run, in the folder that the argument names: task.json in, result.json out

// nobody waits for the result of a service that is gone: a fit is one long computation that hears of nothing
endWithParent();
// standard input stays open as long as the service lives: its end says the same while there is nothing to compute
process.stdin.once('end', () => process.exit(3)).resume();

const folder = process.argv[2]!;

async function carryOut({ step, job, program, trials, codeVersion, known }: Task): Promise<JobResult> {
  const objects = new LocalStore(job.objectRoot);
  const tell = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const steps = new Steps(codeVersion, known, tell);
  if (step === 'train') return train(job, objects, reportToOutput, steps);
  if (step === 'trials') return tryOut(job, trials, objects, tell);
  const work = join(folder, 'work');
  if (step === 'prepare') return prepare(job, objects, work, program as ProgramContext);
  return evaluate(job, objects, work, reportToOutput, steps);
}

try {
  const result = await carryOut(task.parse(JSON.parse(await readFile(join(folder, 'task.json'), 'utf8'))));
  // a result is there as a whole or not at all
  await writeFile(join(folder, 'result.json.part'), JSON.stringify(result));
  await rename(join(folder, 'result.json.part'), join(folder, 'result.json'));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`, () => process.exit(1));
}
