// Tries the containers for real, in a Compose project of its own: builds, starts, plays the example, crashes services while it plays,
// and takes everything down:
//   node infra/docker/check.mjs [--keep]
// Exit 0 only if everything held. Needs Docker with Compose v2 or docker-compose 1.29, and Node 20 or newer; nothing has to be installed.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const services = ['ingestion', 'training', 'registry', 'serving', 'monitoring', 'governance', 'console'];
/** What crashes when which step has held: the steps after it go on without anybody's help. */
const crashes = { 1: 'training', 2: 'postgres', 3: 'serving', 4: 'monitoring', 5: 'nats', 6: 'registry', 7: 'governance' };
const project = `bascule-check-${process.pid}`;
const keep = process.argv.includes('--keep');
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const [command, ...prefix] =
  [['docker', 'compose'], ['docker-compose']].find(
    ([name, ...rest]) => spawnSync(name, [...rest, 'version'], { stdio: 'ignore' }).status === 0,
  ) ?? [];
if (!command) {
  process.stderr.write('Neither `docker compose` nor `docker-compose` answers: install Docker with Compose.\n');
  process.exit(2);
}
const ports = {};
for (const name of [...services, 'serving_grpc']) ports[`${name.toUpperCase()}_PORT`] = String(await freePort());
const options = { cwd: root, env: { ...process.env, ...ports } };
const composeArgs = (args) => [...prefix, '-p', project, ...args];
const compose = (...args) =>
  execFileSync(command, composeArgs(args), { ...options, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
const ask = (...args) =>
  execFileSync(command, composeArgs(args), { ...options, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' }).trim();
const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const inspect = (service) => JSON.parse(docker('inspect', ask('ps', '-q', service)))[0];
const urlOf = (service) => `http://127.0.0.1:${ports[`${service.toUpperCase()}_PORT`]}`;
const say = (text) => process.stdout.write(`${text}\n`);
const hold = (isSo, otherwise) => {
  if (!isSo) throw new Error(otherwise);
};

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function timed(what, work) {
  const startedAt = performance.now();
  const detail = await work();
  say(`ok   ${what}${detail ? `: ${detail}` : ''} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}

async function waitUntil(what, isSo, seconds = 120) {
  const giveUpAt = Date.now() + seconds * 1000;
  // a connection that a starting container drops can leave its request unanswered, with nothing left to wait for
  while (!(await Promise.race([isSo(), pause(10_000, false)]))) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${seconds} s for ${what}`);
    await pause(500);
  }
}
const isReady = (url) =>
  fetch(`${url}/health/ready`, { headers: { connection: 'close' } }).then(
    async (answer) => {
      await answer.body?.cancel();
      return answer.ok;
    },
    () => false,
  );

async function allHealthy() {
  for (const name of services) {
    await waitUntil(`${name} to be ready`, () => isReady(urlOf(name)));
    await waitUntil(`the health check of ${name}`, () => inspect(name).State.Health.Status === 'healthy');
  }
}

function checkHardening() {
  for (const service of [...services, 'postgres', 'nats']) {
    const { Config, HostConfig, NetworkSettings } = inspect(service);
    const open = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
    hold(
      open.every(({ HostIp }) => HostIp === '127.0.0.1'),
      `${service} listens beyond 127.0.0.1`,
    );
    hold(HostConfig.CapDrop?.includes('ALL') && HostConfig.Memory > 0, `${service} keeps capabilities or has no memory limit`);
    hold(!Config.Env.some((entry) => /PASSWORD|:\/\/[^/]*@/.test(entry)), `the environment of ${service} shows a password`);
    hold(service === 'postgres' || HostConfig.ReadonlyRootfs, `${service} may write to its root file system`);
    if (services.includes(service)) hold(ask('exec', '-T', service, 'id', '-u') !== '0', `${service} runs as root`);
  }
}

/** Ends every process of a container at once, as running out of memory would. */
async function crash(service) {
  if (!services.includes(service)) {
    // nothing in these images can do it from inside, and after a kill from outside the engine leaves the start to us
    const id = ask('ps', '-q', service);
    docker('kill', id);
    docker('start', id);
    say(`     killed and started ${service}`);
    return;
  }
  const before = inspect(service).RestartCount;
  spawnSync(command, composeArgs(['exec', '-T', service, 'bash', '-c', 'kill -9 -1']), { ...options, stdio: 'ignore' });
  await waitUntil(`${service} to be started again`, () => inspect(service).RestartCount > before, 60);
  say(`     crashed ${service}; it was started again`);
}

async function playExample() {
  const example = spawn(command, composeArgs(['run', '--rm', '-T', 'example']), { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  const crashed = [];
  example.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    for (const [, step] of text.matchAll(/^ok\s+(\d+) /gm)) if (crashes[step]) crashed.push(crash(crashes[step]));
  });
  const code = await new Promise((resolve) => example.once('close', resolve));
  await Promise.all(crashed);
  hold(code === 0, 'a step of the example failed');
  hold(crashed.length === Object.keys(crashes).length, 'not every crash took place');
}

/** The data outlives the containers. */
async function checkAgain() {
  compose('down');
  compose('up', '-d');
  await allHealthy();
  const { scientist } = JSON.parse(ask('exec', '-T', 'governance', 'cat', '/run/bascule/keys.json'));
  const answer = await fetch(`${urlOf('registry')}/v1/models/claims-triage/versions`, {
    headers: { authorization: `Bearer ${scientist}` },
  });
  const { items = [] } = await answer.json();
  hold(items.length >= 3, 'the versions of the model are gone');
  return `${items.length} versions are still there`;
}

function figures() {
  for (const name of [...services, 'setup', 'example']) {
    const bytes = Number(docker('image', 'inspect', '-f', '{{.Size}}', `bascule/${name}:${process.env.BASCULE_VERSION ?? 'local'}`));
    say(`     image ${name.padEnd(12)} ${Math.round(bytes / 1e6)} MB`);
  }
  const lines = docker(
    'stats',
    '--no-stream',
    '--format',
    '{{.Name}} {{.MemUsage}}',
    ...services.concat('postgres', 'nats').map((name) => ask('ps', '-q', name)),
  );
  for (const line of lines.split('\n')) say(`     memory ${line.replace(project, '').replace(/^[_-]/, '')}`);
}

function takeDown() {
  spawnSync(command, composeArgs(['--profile', 'example', 'down', '-v', '--remove-orphans']), { ...options, stdio: 'ignore' });
  const label = `label=com.docker.compose.project=${project}`;
  return [
    docker('ps', '-aq', '--filter', label),
    docker('volume', 'ls', '-q', '--filter', label),
    docker('network', 'ls', '-q', '--filter', label),
  ]
    .join('')
    .trim();
}

process.once('SIGINT', () => {
  takeDown();
  process.exit(130);
});
let exitCode = 1;
try {
  await timed('images built', () => void compose('--profile', 'example', 'build'));
  await timed('everything is healthy', async () => {
    compose('up', '-d');
    await allHealthy();
  });
  await timed('no root, nothing writable, nothing reachable from outside, no password in sight', checkHardening);
  await timed('the example held while services crashed', playExample);
  figures();
  await timed('down and up again', checkAgain);
  exitCode = 0;
} catch (error) {
  process.stderr.write(`${error.message}\n${error.stderr ?? ''}\n`);
  spawnSync(command, composeArgs(['logs', '--tail', '30']), { ...options, stdio: 'inherit' });
} finally {
  if (keep) say(`kept: ${command} ${composeArgs(['down', '-v']).join(' ')} takes it down`);
  else if (takeDown() !== '') exitCode = 1;
  else say('ok   taken down, nothing left');
}
process.exit(exitCode);
