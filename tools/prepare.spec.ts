import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findBoundaryFaults } from './boundaries.mjs';
import { withLock } from './lock.mjs';
import { withSignsOfLife } from './prepare.mjs';
import { callerFolder } from './run.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bascule-tools-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the caller's folder", () => {
  it('is where npm was typed, or where the tool was called without npm, also within another script of npm', () => {
    expect(callerFolder({ npm_lifecycle_event: 'bascule', INIT_CWD: '/home/ada' }, '/repository')).toBe('/home/ada');
    expect(callerFolder({}, '/home/ada')).toBe('/home/ada');
    expect(callerFolder({ npm_lifecycle_event: 'test', INIT_CWD: '/elsewhere' }, '/home/ada')).toBe('/home/ada');
  });
});

describe('the lock of a folder that is being prepared', () => {
  it('lets one at a time work', async () => {
    const file = join(folder, 'one');
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 20)); // the work itself: the other one must wait for it
      order.push(`${name} ends`);
    };
    await Promise.all([withLock(file, work('a'), () => {}), withLock(file, work('b'), () => {})]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(existsSync(file)).toBe(false);
  });

  it('passes over a holder that died', async () => {
    const file = join(folder, 'dead');
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    writeFileSync(file, String(child.pid));
    expect(
      await withLock(
        file,
        async () => 'mine',
        () => {},
      ),
    ).toBe('mine');
  });

  it('passes over a holder whose id was given to another process', async () => {
    const file = join(folder, 'silent');
    writeFileSync(file, String(process.ppid));
    utimesSync(file, new Date(0), new Date(0));
    expect(
      await withLock(
        file,
        async () => 'mine',
        () => {},
      ),
    ).toBe('mine');
  });

  it('is given back when the work fails', async () => {
    const file = join(folder, 'failing');
    await expect(
      withLock(
        file,
        async () => Promise.reject(new Error('no network')),
        () => {},
      ),
    ).rejects.toThrow('no network');
    expect(existsSync(file)).toBe(false);
  });
});

it('gives signs of life while a long step runs, and none after it', async () => {
  const told: string[] = [];
  let heard = () => {};
  const second = new Promise<void>((resolve) => (heard = resolve));
  const tell = (text: string) => {
    told.push(text);
    if (told.length === 2) heard();
  };
  expect(await withSignsOfLife('installing', () => second.then(() => 'done'), tell, 5)).toBe('done');
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/^still installing \(\d+ s\)$/);
});

it('finds every kind of boundary violation in the fixture', () => {
  const faults = findBoundaryFaults(new URL('./fixtures/boundaries', import.meta.url).pathname).join('\n');
  for (const words of [
    'a service is imported by nobody',
    'leaves the project',
    'reaches into',
    'may import only zod',
    'layer service may not import layer testing',
  ]) {
    expect(faults).toContain(words);
  }
});
