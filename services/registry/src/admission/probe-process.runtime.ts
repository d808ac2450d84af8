import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { AdmissionVerdict, ProbeMessage, ProbeTask } from './admission.js';

export interface ProbeLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** What the child may know of the environment: how to find libraries, no address and no secret. */
const passedOn = /^(PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|(DY)?LD_LIBRARY_PATH)$/;
const watchMs = 25;
const pageBytes = 4_096;

/** Inspects and tries a model in a process of its own, which is killed when it takes too long or too much memory. */
export async function probeModel(task: ProbeTask, file: Readable, limits: ProbeLimits): Promise<AdmissionVerdict> {
  const compiled = import.meta.url.replace(/\/src\/admission\/[^/]*$/, '/dist/admission/');
  // tests run from sources, the child always from what the compiler made of them
  const program = fileURLToPath(new URL('./probe.runtime.js', import.meta.url.endsWith('.ts') ? compiled : import.meta.url));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
  const child = spawn(process.execPath, ['--max-old-space-size=512', program], { env, stdio: ['pipe', 'ignore', 'ignore', 'pipe'] });
  let stage = 'starting';
  let verdict: AdmissionVerdict | undefined;
  let killedFor: string | undefined;
  const kill = (reason: string): void => {
    killedFor ??= reason;
    child.kill('SIGKILL');
  };
  const lines = createInterface({ input: child.stdio[3] as Readable });
  lines.on('line', (line) => {
    const message = JSON.parse(line) as ProbeMessage;
    if ('stage' in message) stage = message.stage;
    else verdict = 'faults' in message ? message : { faults: [], ...message };
  });
  const told = new Promise<void>((resolve) => lines.once('close', resolve));
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  const deadline = setTimeout(() => kill(`took longer than ${limits.timeoutMs} ms`), limits.timeoutMs);
  const watch = setInterval(() => {
    if (residentBytesOf(child.pid) > limits.memoryBytes) kill(`took more than ${limits.memoryBytes} bytes of memory`);
  }, watchMs);
  endFirst(child.pid);
  try {
    // a child that ends before it has read everything says so by its verdict
    const [how] = await Promise.all([ended, told, send(task, file, child.stdin as Writable)]);
    if (killedFor) return { faults: [`the model ${killedFor} while ${stage}`] };
    return verdict ?? { faults: [`the model ended its process (${how}) while ${stage}`] };
  } finally {
    clearTimeout(deadline);
    clearInterval(watch);
    child.kill('SIGKILL');
  }
}

async function send(task: ProbeTask, file: Readable, to: Writable): Promise<void> {
  const header = Buffer.from(JSON.stringify(task));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield length;
    yield header;
    yield* file;
  }
  await pipeline(Readable.from(parts()), to).catch((error: NodeJS.ErrnoException) => {
    // what the store says is an outage; a pipe that closes is the child's end, told by its verdict
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET') throw error;
  });
}

function residentBytesOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * pageBytes;
  } catch {
    // ended, or a system without /proc: there the deadline alone keeps the model in bounds
    return 0;
  }
}

/** When memory runs out, the system ends the probe rather than the registry. */
function endFirst(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '900');
  } catch {
    // not Linux, or ended already
  }
}
