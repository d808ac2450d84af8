import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, startStack } from '@bascule/launcher';
import { type Figure, readLines, reportFigures } from '../figures.js';
import { reactionFigures } from './reactions.js';

// The whole loop as a user sees it: a warm start, the example, what follows an event how fast, and what it costs in memory.

interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}

const example = fileURLToPath(new URL('../../../examples/birdstrikes/dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));

async function start(): Promise<Stack> {
  return startStack({ dataDir: join(folder, 'data'), firstPort: 30_000 });
}

async function play(stack: Stack): Promise<Step[]> {
  const stepsFile = join(folder, 'steps.jsonl');
  const child = spawn(process.execPath, [example], {
    env: { ...process.env, BASCULE_STACK: stack.directory.stackFile, BASCULE_REPORT: stepsFile },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (exitCode !== 0) throw new Error('a step of the example failed: its times mean nothing');
  return readLines<Step>(stepsFile);
}

function memoryFigures(stack: Stack): Figure[] {
  const processes = stack.memory();
  const total = processes.reduce((sum, { bytes }) => sum + bytes, 0);
  const megabytes = (value: number) => value / 1e6;
  return [
    { name: 'memory (PSS) of all processes', value: megabytes(total), unit: 'MB', better: 'lower', target: 1500 },
    ...processes.map(
      ({ name, bytes }): Figure => ({ name: `memory (PSS) of ${name}`, value: megabytes(bytes), unit: 'MB', better: 'lower' }),
    ),
  ];
}

const figures: Figure[] = [];
try {
  const cold = await start();
  figures.push({ name: 'first start to ready', value: cold.timings.ready / 1000, unit: 's', better: 'lower' });
  await cold.stop();
  const stack = await start();
  try {
    figures.push({ name: 'warm start to ready', value: stack.timings.ready / 1000, unit: 's', better: 'lower', target: 20 });
    const steps = await play(stack);
    const total = steps.reduce((sum, { ms }) => sum + ms, 0) / 1000;
    figures.push({ name: 'example', value: total, unit: 's', better: 'lower', target: 180 });
    for (const { name, ms } of steps) figures.push({ name: `example: ${name}`, value: ms / 1000, unit: 's', better: 'lower' });
    figures.push(...(await reactionFigures(stack)));
    figures.push(...memoryFigures(stack));
  } finally {
    await stack.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, process.argv.slice(2));
