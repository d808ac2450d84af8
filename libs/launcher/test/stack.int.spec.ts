import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@bascule/testing';
import { afterEach, expect, it } from 'vitest';
import { allGone, fakeInstallation, launch, type RunningLauncher } from './fake-installation.js';

const launched: RunningLauncher[] = [];
afterEach(async () => {
  for (const { child, ended } of launched.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
});

function start(root: string, args: string[], env: Record<string, string> = {}, dir?: string): RunningLauncher {
  const launcher = launch(root, args, env, dir);
  launched.push(launcher);
  return launcher;
}

const commandOf = (pid: number): string => execFileSync('ps', ['-o', 'args=', '-p', String(pid)]).toString();
const pidAt = async (url: string): Promise<number> => ((await (await fetch(url)).json()) as { pid: number }).pid;

it('plays the example once, reports its steps and leaves nothing running', async () => {
  const root = fakeInstallation();
  const report = join(root, 'report.json');
  const launcher = start(root, ['--once', '--report', report]);
  await launcher.up();
  const pids = launcher.pids();
  expect(await launcher.ended).toBe(0);
  const { steps } = JSON.parse(readFileSync(report, 'utf8'));
  expect(steps).toMatchObject([
    { name: 'start', ok: true },
    { name: 'ask', ok: true, detail: 'bsc_' },
  ]);
  await allGone(pids);
});

it('exits with 1 when a step did not hold, and plays it again in fresh data', async () => {
  const root = fakeInstallation();
  const report = join(root, 'report.json');
  expect(await start(root, ['--once', '--report', report], { EXAMPLE_HOLDS: 'no' }).ended).toBe(1);
  expect(JSON.parse(readFileSync(report, 'utf8')).steps[1]).toMatchObject({ ok: false });
  const again = start(root, ['--once', '--report', report]);
  expect(await again.ended).toBe(0);
  expect(again.output()).toContain('its data is kept in');
});

it('says where everything is, readable by its owner only, and skips ports that are taken', async () => {
  const root = fakeInstallation();
  const first = 10_000 + (process.pid % 20_000);
  // somebody else may have it: it is taken then as well
  const inTheWay = createServer()
    .on('error', () => undefined)
    .listen(first, '127.0.0.1');
  try {
    const launcher = start(root, ['--empty', '--replicas', 'serving=2']);
    const info = await launcher.up();
    expect(statSync(join(launcher.dir, 'stack.json')).mode & 0o777).toBe(0o600);
    expect(Number(new URL(info.console.url).port)).toBeGreaterThan(first);
    expect(info.services.serving.urls).toHaveLength(2);
    expect(info.services.serving.grpcUrl).toMatch(/^http:/);
    expect(Object.keys(info.keys)).toEqual(['client', 'operator', 'scientist', 'approver', 'auditor', 'admin']);
    const pids = launcher.pids();
    expect(pids).toHaveLength(10); // console, seven processes of six services, PostgreSQL, nats-server
    launcher.child.kill('SIGINT');
    expect(await launcher.ended).toBe(0);
    await allGone(pids);
  } finally {
    inTheWay.close();
  }
});

it('refuses a second stack in the same folder', async () => {
  const root = fakeInstallation();
  const dir = join(root, 'two');
  await start(root, ['--empty'], {}, dir).up();
  const second = start(root, ['--empty'], {}, dir);
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain('is in use by a stack that is up since');
  expect(second.output()).toContain(`npm run bascule -- stop --data ${second.dir}`);
});

it('starts a killed service again at the same address', async () => {
  const launcher = start(fakeInstallation(), ['--empty']);
  const { services } = await launcher.up();
  const pid = await pidAt(services.training.url);
  process.kill(pid, 'SIGKILL');
  expect(await eventually(() => pidAt(services.training.url))).not.toBe(pid);
});

it('leaves nothing running when it is killed, and starts again with the same keys', async () => {
  const root = fakeInstallation();
  const first = start(root, [], { EXAMPLE_HOLDS: 'waits' });
  const { keys } = await first.up();
  const pids = first.pids();
  first.child.kill('SIGKILL');
  const again = start(root, ['--empty']); // at once: it ends what is still there
  expect((await again.up()).keys).toEqual(keys);
  await allGone(pids);
});

it('ends the example of a killed launcher, whose steps enter no other report', async () => {
  const root = fakeInstallation();
  const first = start(root, ['--once'], { EXAMPLE_HOLDS: 'waits' });
  await first.up();
  await eventually(() => first.pids().some((pid) => commandOf(pid).includes('birdstrikes')));
  const pids = first.pids();
  first.child.kill('SIGKILL');
  await allGone(pids);
  const report = join(root, 'report.json');
  const again = start(root, ['--once', '--report', report]);
  const code = await again.ended;
  expect(code, again.output()).toBe(0);
  expect(JSON.parse(readFileSync(report, 'utf8')).steps).toHaveLength(2);
});

it('says what a URL of your servers should look like', async () => {
  const launcher = start(fakeInstallation(), ['--empty'], { DATABASE_URL: 'nonsense' });
  expect(await launcher.ended).toBe(2);
  expect(launcher.output()).toMatch(/^DATABASE_URL is no PostgreSQL URL: "nonsense"/);
});

it('stops when the program that started it is gone', async () => {
  const root = fakeInstallation();
  const starter = (await import('node:child_process')).spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const launcher = start(root, ['--empty'], { BASCULE_STARTED_BY: String(starter.pid) });
  await launcher.up();
  const pids = launcher.pids();
  starter.kill('SIGKILL');
  const next = start(root, ['--empty']); // waits for the one that is about to stop
  expect(await launcher.ended).toBe(0);
  await next.up();
  await allGone(pids);
});

it('says why a service does not come up, and stops what it had started', async () => {
  const root = fakeInstallation();
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(root, 'services/monitoring/dist/main.js'), "throw new Error('no such setting')");
  const launcher = start(root, ['--empty']);
  expect(await launcher.ended).toBe(1);
  expect(launcher.output()).toContain('monitoring-1 did not become ready');
  expect(launcher.output()).toContain('no such setting');
});
