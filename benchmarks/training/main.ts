import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Figure, reportFigures } from '../figures.js';
import { adult, type DataSet, generated, motorClaims, type Part, readRecorded } from './data-sets.js';
import { environmentOfRun, flagsOfRun } from './product.js';
import { runMemoryFigures } from './run-memory.js';

// Built-in trainers against scikit-learn, on the same rows and cores, each fit in a process of its own; the best time of some counts.

interface Measured {
  readonly seconds: number;
  readonly auc: number;
  /** Of the one fit on all rows, where `auc` is a mean over fits. */
  readonly aucOnAll: number;
  /** Of fits that each lack another share of the rows. */
  readonly areas: readonly number[];
  readonly peakBytes: number;
  readonly grownBytes?: number;
  readonly version?: string;
}
type Trainer = 'gradient-boosting' | 'logistic-regression';

const run = promisify(execFile);
const args = process.argv.slice(2);
const python = process.env['BASCULE_PYTHON'] ?? 'python3';
const reference = process.env['BASCULE_REFERENCE_DATA'];
const largest = args.includes('--small') ? 100_000 : 1_000_000;
const [ours, theirs] = ['./ours.main.js', '../../training/baseline.py'].map((file) => fileURLToPath(new URL(file, import.meta.url))) as [
  string,
  string,
];
const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));

function write({ columns, train, test }: DataSet, repeats: number, drops: number): void {
  const parts: [string, Part][] = [
    ['train', train],
    ['test', test],
  ];
  for (const [name, part] of parts) {
    writeFileSync(
      join(folder, `${name}.f32`),
      Buffer.concat(part.columns.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))),
    );
    writeFileSync(join(folder, `${name}.u8`), part.labels);
  }
  writeFileSync(join(folder, 'meta.json'), JSON.stringify({ columns, repeats, drops, train: train.rowCount, test: test.rowCount }));
}

async function measure(command: string, program: readonly string[], trainer: Trainer): Promise<Measured> {
  // threads that wait sleep: beside other work, threads that spin would take the time of those that compute
  const environment = {
    ...process.env,
    ...(command === python ? {} : environmentOfRun),
    OMP_NUM_THREADS: String(availableParallelism()),
    OMP_WAIT_POLICY: 'PASSIVE',
  };
  const { stdout } = await run(command, [...program, folder, trainer], { env: environment, maxBuffer: 1e7 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}

async function hasPython(): Promise<boolean> {
  return run(python, ['-c', 'import sklearn, numpy']).then(
    () => true,
    () => false,
  );
}

const withPython = await hasPython();
const recorded = readRecorded();
const figures: Figure[] = [];

function compared(name: string, trainer: Trainer, { own, other }: Sides, timeTarget: number | undefined, drops: number): void {
  const key = `${trainer}, ${name}`;
  const told = drops > 0 ? `${key}, mean of ${drops} fits` : key;
  if (drops > 0) {
    const theirs = other ? { baseline: other.aucOnAll } : {};
    figures.push({ name: `${key}, one fit on all rows: AUC`, value: own.aucOnAll, unit: '', ...theirs, better: 'higher' });
    if (other) figures.push(chanceFigure(key, own, other));
  }
  const baseline = other?.auc ?? recorded.auc[key];
  if (baseline !== undefined) {
    const origin = other ? '' : ' (recorded)';
    // how far below: a model that ranks better than the baseline misses nothing
    figures.push({ name: `${told}: AUC`, value: own.auc, unit: '', baseline, better: 'higher' });
    figures.push({
      name: `${told}: AUC short of scikit-learn's${origin}`,
      value: Math.max(0, baseline - own.auc),
      unit: '',
      better: 'lower',
      target: 0.005,
    });
  }
  const target = timeTarget === undefined ? {} : { target: timeTarget };
  const against = other ? { baseline: other.seconds, ratio: own.seconds / other.seconds, ...target } : {};
  figures.push({ name: `${key}: time of a fit`, value: own.seconds, unit: 's', better: 'lower', ...against });
}

/** How far below the baseline one fit lies, in deviations of what lies between the two when both lack the same rows. */
function chanceFigure(key: string, own: Measured, other: Measured): Figure {
  const distances = own.areas.map((area, drop) => other.areas[drop]! - area);
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  const deviation = Math.sqrt(distances.reduce((sum, distance) => sum + (distance - mean) ** 2, 0) / (distances.length - 1));
  const name = `${key}, one fit on all rows: AUC short of scikit-learn's, in deviations of ${distances.length} pairs of fits`;
  return { name, value: (other.aucOnAll - own.aucOnAll) / deviation, unit: '', better: 'lower', target: 2 };
}

interface Sides {
  readonly own: Measured;
  readonly other: Measured | undefined;
}

async function compare(data: DataSet, trainer: Trainer, repeats: number, timeTarget?: number, drops = 0): Promise<Sides> {
  write(data, repeats, drops);
  // in turns, so that other work on the machine meets both
  const [owns, others]: [Measured[], Measured[]] = [[], []];
  for (let i = 0; i < 2; i++) {
    if (withPython) others.push(await measure(python, [theirs], trainer));
    owns.push(await measure(process.execPath, [...flagsOfRun, ours], trainer));
  }
  const best = (list: readonly Measured[]) => list.toSorted((a, b) => a.seconds - b.seconds)[0];
  const [own, other] = [best(owns)!, best(others)];
  process.stderr.write(`${data.name}, ${trainer}: ours ${JSON.stringify(own)}, theirs ${JSON.stringify(other)}\n`);
  compared(data.name, trainer, { own, other }, timeTarget, drops);
  return { own, other };
}

try {
  if (!withPython)
    process.stdout.write(`${python} has no scikit-learn (BASCULE_PYTHON names another): recorded figures of ${recorded.source}\n`);
  if (!reference) process.stdout.write('BASCULE_REFERENCE_DATA is not set: adult and motor claims are left out\n');
  else {
    const [census, claims] = [await adult(reference), await motorClaims(reference)];
    for (const trainer of ['gradient-boosting', 'logistic-regression'] as const) {
      await compare(census, trainer, 3);
      await compare(claims, trainer, 3, undefined, 10);
    }
  }
  await compare(generated(32_000), 'gradient-boosting', 3, 2);
  await compare(generated(32_000), 'logistic-regression', 3, 2);
  const small = generated(largest / 10);
  const [few, many] = [await compare(small, 'gradient-boosting', 2), await compare(generated(largest), 'gradient-boosting', 1, 3)];
  const bytes = 4 * largest * small.columns.length;
  const ofTheirs = many.other ? { baseline: many.other.grownBytes! / bytes } : {};
  figures.push({
    // what the process grew by while it read the rows and fitted on them
    name: `memory of ${largest} rows and of a fit on them over the data`,
    value: many.own.grownBytes! / bytes,
    ...ofTheirs,
    unit: 'times',
    better: 'lower',
    target: 3,
  });
  figures.push({
    name: `cost per row, ${largest} rows against ${largest / 10}`,
    value: many.own.seconds / few.own.seconds / 10,
    unit: 'times',
    better: 'lower',
    target: 1.2,
  });
  figures.push(...(await runMemoryFigures([largest / 10, largest])));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, args);
