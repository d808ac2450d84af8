import { createInterface } from 'node:readline';
import { endWithParent } from '@bascule/platform/end-with-parent';
import { LocalStore } from '@bascule/storage';
import { job } from './job.schema.js';
import { train } from './train.js';

// nobody waits for the result of a service that is gone: a fit is one long computation that hears of nothing
endWithParent();
// standard input stays open as long as the service lives: its end says the same while there is nothing to compute
const lines = createInterface({ input: process.stdin });
lines.once('close', () => process.exit(3));
lines.once('line', (line) => {
  void run(line);
});

async function run(line: string): Promise<void> {
  try {
    const parsed = job.parse(JSON.parse(line));
    const objects = new LocalStore(parsed.objectRoot);
    const result = await train(parsed, objects);
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`, () => process.exit(1));
  }
}
