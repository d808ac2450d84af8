import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@bascule/testing';
import { afterAll, expect, it } from 'vitest';
import { type DataDirectory, locateDataDirectory, openDataDirectory, removeDataDirectory, setDataAside } from '../src/data-directory.js';
import { isLock, lockHolder, takeLock } from '../src/lock-file.js';
import { PortReservations } from '../src/port-reservations.js';
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
