import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, temporaryFolder } from '@bascule/testing';
import { afterEach, expect, it } from 'vitest';
import { isAlive } from '../src/child-process.js';
import { Keeper } from '../src/keeper.js';
import { startOf } from '../src/process-identity.js';
import { endLeftovers, leftovers, Reaper } from '../src/reaper.js';

const keepers: Keeper[] = [];
afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.stop()));
});

function sleeper(program = 'setInterval(() => {}, 1000)'): ChildProcess {
  return spawn(process.execPath, ['-e', program], { detached: true, stdio: 'ignore' });
}

function keep(launch = async () => sleeper()): Keeper {
  const keeper = new Keeper({ name: 'sleeper', launch, stopSignal: 'SIGTERM', stopTimeoutMs: 1_000, tell: () => {} });
  keepers.push(keeper);
  return keeper;
}

it('starts a killed process again', async () => {
  const keeper = keep();
  await keeper.start();
  const first = keeper.pid;
  await keeper.kill();
  const second = await eventually(() => keeper.pid ?? false);
  expect(second).not.toBe(first);
  expect(keeper.restarts).toBe(1);
});

it('keeps a held process down until it is released', async () => {
  const keeper = keep();
  await keeper.start();
  await keeper.hold();
  expect(keeper.pid).toBeUndefined();
  await keeper.release();
  expect(keeper.pid).toBeDefined();
});

it('ends the children of a process that crashed', async () => {
  const note = join(temporaryFolder('keeper'), 'pid');
  const withChild = `const { spawn } = require('child_process');
    require('fs').writeFileSync(${JSON.stringify(note)}, String(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).pid));
    setInterval(() => {}, 1000)`;
  const keeper = keep(async () => sleeper(withChild));
  await keeper.start();
  const grandchild = await eventually(() => existsSync(note) && Number(readFileSync(note, 'utf8')));
  await keeper.hold();
  await eventually(() => startOf(grandchild as number) === undefined);
});

it('kills a process that does not stop when asked', async () => {
  const ready = join(temporaryFolder('keeper'), 'ready');
  const stubborn = `process.on('SIGTERM', () => {}); require('fs').writeFileSync(${JSON.stringify(ready)}, ''); setInterval(() => {}, 1000)`;
  const keeper = keep(async () => sleeper(stubborn));
  await keeper.start();
  await eventually(() => existsSync(ready));
  await keeper.stop();
  expect(keeper.pid).toBeUndefined();
});

it('ends what a killed launcher left behind', async () => {
  const file = join(temporaryFolder('reaper'), 'pids');
  const child = sleeper();
  writeFileSync(file, `${child.pid} 1 TERM sleeper ${startOf(child.pid!)}\n`);
  expect(leftovers(file)).toHaveLength(1);
  expect(await endLeftovers(file)).toBe(1);
  await eventually(() => !isAlive(child.pid!));
});

it('leaves alone a process that only has the same id', () => {
  const file = join(temporaryFolder('reaper'), 'pids');
  writeFileSync(file, `${process.pid} 1 TERM somebody 1\n`);
  expect(leftovers(file)).toEqual([]);
});

it('ends the noted processes when the launcher is gone', async () => {
  const file = join(temporaryFolder('reaper'), 'pids');
  const child = sleeper();
  const reaper = new Reaper(file);
  reaper.start();
  reaper.note('sleeper', 1, 'TERM', child);
  reaper.stop(); // its input closes, as it does when the launcher dies
  await eventually(() => !isAlive(child.pid!));
});

it('ends nothing of the next stack that the same process starts on the same folder', async () => {
  const file = join(temporaryFolder('reaper'), 'pids');
  const first = new Reaper(file);
  first.start();
  const child = spawn('sleep', ['60'], { detached: true });
  const second = new Reaper(file);
  second.start();
  second.note('sleeper', 1, 'TERM', child);
  const ended = new Promise<string>((resolve) => child.once('exit', () => resolve('ended')));
  first.stop();
  const shellIsGone = new Promise<string>((resolve) => first['shell']!.once('exit', () => resolve('still running')));
  expect(await Promise.race([ended, shellIsGone])).toBe('still running');
  second.stop(); // ends the sleeper, as it is still noted
  await ended;
});
