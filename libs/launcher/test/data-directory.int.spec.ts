import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@bascule/testing';
import { afterAll, expect, it } from 'vitest';
import { type DataDirectory, locateDataDirectory, openDataDirectory, removeDataDirectory, setDataAside } from '../src/data-directory.js';
import { newStepsFile, readSteps } from '../src/example.js';
import { isLock, lockHolder, takeLock } from '../src/lock-file.js';
import { PortReservations } from '../src/port-reservations.js';
import { refusedPorts } from '../src/ports.js';
import { startOf } from '../src/process-identity.js';
import { readRoleKeys } from '../src/secrets-file.js';

const made: DataDirectory[] = [];
afterAll(() => {
  for (const directory of made) removeDataDirectory(directory);
});

function open(): DataDirectory {
  const directory = openDataDirectory(join(temporaryFolder('data'), '.bascule'));
  made.push(directory);
  return directory;
}

it('finds the same data again', () => {
  const directory = open();
  writeFileSync(join(directory.path('objects'), 'x'), 'kept');
  expect(readFileSync(join(openDataDirectory(directory.dir).path('objects'), 'x'), 'utf8')).toBe('kept');
  expect(existsSync(join(directory.dir, 'objects', 'x'))).toBe(true);
});

it.runIf(process.getuid?.() === 0)('finds the same data again when the rights of the folder above have changed', () => {
  for (const [before, after] of [
    [0o755, 0o700],
    [0o700, 0o755],
  ] as const) {
    const parent = join(temporaryFolder('data'), 'parent');
    mkdirSync(parent);
    chmodSync(parent, before);
    const directory = openDataDirectory(join(parent, '.bascule'));
    made.push(directory);
    chmodSync(parent, after);
    expect(openDataDirectory(directory.dir).state).toBe(directory.state);
  }
});

it('gives a copy of the folder data of its own', () => {
  const directory = open();
  const copy = join(dirname(directory.dir), 'copy');
  cpSync(directory.dir, copy, { recursive: true, verbatimSymlinks: true });
  const opened = openDataDirectory(copy);
  made.push(opened);
  expect(opened.state).not.toBe(directory.state);
});

it('has each run of the example write to a file of its own', () => {
  const directory = open();
  const earlier = newStepsFile(directory);
  const now = newStepsFile(directory);
  appendFileSync(earlier, '{"name":"of a run that goes on","ok":true,"ms":1,"detail":""}\n');
  appendFileSync(now, '{"name":"ours","ok":true,"ms":1,"detail":""}\n');
  expect(readSteps(now)).toMatchObject([{ name: 'ours' }]);
  expect(readSteps(directory.path('example-steps.jsonl'))).toMatchObject([{ name: 'ours' }]);
});

it('begins afresh when the folder was removed', () => {
  const directory = open();
  writeFileSync(join(directory.path('objects'), 'x'), 'old');
  rmSync(directory.dir, { recursive: true });
  const again = openDataDirectory(directory.dir);
  expect(existsSync(join(again.path('objects'), 'x'))).toBe(false);
});

it('keeps data that is set aside, and the keys in place', () => {
  const directory = open();
  const keys = readRoleKeys(directory.keysFile);
  writeFileSync(join(directory.path('objects'), 'x'), 'kept');
  const aside = setDataAside(directory);
  openDataDirectory(directory.dir);
  expect(existsSync(join(directory.path('objects'), 'x'))).toBe(false);
  expect(existsSync(join(aside, 'objects', 'x'))).toBe(true);
  expect(readRoleKeys(directory.keysFile)).toEqual(keys);
});

it('writes keys that only their owner can read', () => {
  const directory = open();
  const keys = readRoleKeys(directory.keysFile);
  expect(keys.admin).toMatch(/^bsc_[a-z2-7]{12}_[A-Za-z0-9_-]{43}$/);
  expect(statSync(directory.keysFile).mode & 0o777).toBe(0o600);
});

it('removes everything', () => {
  const directory = open();
  removeDataDirectory(directory);
  expect(existsSync(directory.dir)).toBe(false);
  expect(existsSync(locateDataDirectory(directory.dir).state)).toBe(false);
});

it('lets one holder at a time have the lock', () => {
  const path = open().path('lock');
  const first = takeLock(path);
  expect(isLock(first)).toBe(true);
  expect(takeLock(path)).toMatchObject({ pid: process.pid });
  if (isLock(first)) first.release();
  expect(lockHolder(path)).toBeUndefined();
});

it('takes the lock of a holder that died', async () => {
  const path = open().path('lock');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  writeFileSync(path, JSON.stringify({ pid: child.pid, start: startOf(child.pid!), since: 'then' }));
  expect(lockHolder(path)?.pid).toBe(child.pid);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(isLock(takeLock(path))).toBe(true);
});

it('reserves a port for one start only', async () => {
  const folder = temporaryFolder('ports');
  const [a, b] = [new PortReservations(34_500, folder), new PortReservations(34_500, folder)];
  const first = await a.take();
  writeFileSync(join(folder, String(first)), String(process.ppid)); // as if another process had it
  expect(await b.take()).toBeGreaterThan(first);
  b.release();
  a.release();
});

it.each([...refusedPorts])('hands out no port that fetch refuses, as %i', async (port) => {
  const asked = await fetch(`http://127.0.0.1:${port}`).catch((error: Error) => error);
  expect(asked).toMatchObject({ cause: { message: 'bad port' } });
  const reservations = new PortReservations(port, temporaryFolder('ports'));
  expect(refusedPorts).not.toContain(await reservations.take());
  reservations.release();
});
