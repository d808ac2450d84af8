// A trainer program for tests: the first argument says how it behaves.
import { spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';

const job = JSON.parse(readFileSync('job.json', 'utf8'));
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const leaveModel = () => copyFileSync(process.env.MODEL, 'model.onnx');
/** A child that leaves the process group and the session, and holds standard output open. */
const leaveStray = () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit', detached: true });
  child.unref();
  return child.pid;
};

const behaviours = {
  sound() {
    say({ type: 'progress', step: 'fit', percent: 50, secondsLeft: 1 });
    for (let step = 0; step < 3; step++) say({ type: 'metric', name: 'loss', value: 1 / (step + 1), step });
    say({ type: 'log', level: 'warn', message: `seed ${job.seed}` });
    process.stdout.write('a plain line\n');
    leaveModel();
    writeFileSync('metrics.json', JSON.stringify({ trees: 12, hits: { value: job.params.depth ?? 0, better: 'higher' } }));
  },
  leaves() {
    for (let step = 0; step < 3; step++) say({ type: 'metric', name: 'loss', value: 1 / (step + 1), step });
    mkdirSync('artifacts');
    writeFileSync('artifacts/notes.txt', 'what I saw');
    symlinkSync('/etc/passwd', 'artifacts/passwd');
    leaveModel();
  },
  tells() {
    const { limits, features, files } = job;
    writeFileSync(process.env.TELL, JSON.stringify({ limits, features: features.length, files, env: Object.keys(process.env).sort() }));
    leaveModel();
  },
  forever() {
    // a child of its own that would outlive it
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    appendFileSync(process.env.PIDS, `${process.pid}\n${child.pid}\n${leaveStray()}\n`);
    leaveModel();
    for (;;);
  },
  strays() {
    appendFileSync(process.env.PIDS, `${leaveStray()}\n`);
    leaveModel();
  },
  garbage() {
    process.stdout.write(Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256)));
    writeFileSync('model.onnx', Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 31) % 256)));
    writeFileSync('metrics.json', 'NaN');
  },
  nothing() {},
  links() {
    symlinkSync(process.env.MODEL, 'model.onnx');
  },
  refuses() {
    writeFileSync('refusal.json', JSON.stringify({ reasons: ['no trees grow on such data'] }));
    process.exitCode = 10;
  },
  flaky() {
    if (job.attempt === 1) {
      writeFileSync('model.onnx', 'half a model');
      process.stderr.write('the licence server is away\n');
      process.exitCode = 75;
    } else leaveModel();
  },
  changes() {
    if (job.attempt === 1) {
      const { atime, mtime } = statSync(process.env.LIB);
      writeFileSync(process.env.LIB, 'elm');
      // of the same size and, as it says, of the same time
      utimesSync(process.env.LIB, atime, mtime);
    }
    leaveModel();
  },
};
behaviours[process.argv[2]]();
