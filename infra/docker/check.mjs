// Builds the images, brings docker-compose.yml up, plays the example against it, checks health and users, takes it down:
//   node infra/docker/check.mjs [--keep]
// Exit 0 only if everything held. Needs a Docker engine and a built clone (npm run build). Can be run again at any time.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const services = ['ingestion', 'training', 'registry', 'serving', 'monitoring', 'governance'];
const folder = join('.bascule', 'compose');
const node = join('node_modules', '.bin', 'node');
const keep = process.argv.includes('--keep');
const project = 'bascule-check';

const found = [['docker', 'compose'], ['docker-compose']].find(
  ([command, ...rest]) => spawnSync(command, [...rest, 'version'], { stdio: 'ignore' }).status === 0,
);
if (!found) {
  process.stderr.write('Neither `docker compose` nor `docker-compose` answers: install Docker with Compose.\n');
  process.exit(2);
}
const [command, ...prefix] = found;
const composeArgs = [...prefix, '--env-file', join(folder, 'compose.env'), '-p', project];
const compose = (...args) => execFileSync(command, [...composeArgs, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
const ask = (...args) => execFileSync(command, [...composeArgs, ...args], { encoding: 'utf8' }).trim();
const say = (text) => process.stdout.write(`${text}\n`);
const addressOf = (service) => `http://${ask('port', service, '8080').replace('0.0.0.0', '127.0.0.1')}`;

async function waitUntil(what, check, seconds = 120) {
  const giveUpAt = Date.now() + seconds * 1000;
  while (!(await check())) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${seconds} s for ${what}`);
    await pause(1000);
  }
}
const isReady = (url) =>
  fetch(`${url}/health/ready`).then(
    (answer) => answer.ok,
    () => false,
  );

let exitCode = 1;
try {
  execFileSync(node, ['libs/launcher/dist/compose-secrets.main.js', folder], { stdio: 'inherit' });
  compose('build');
  compose('up', '-d');
  const urls = Object.fromEntries(services.map((service) => [service, addressOf(service)]));
  const consoleUrl = addressOf('console');
  for (const [service, url] of [...Object.entries(urls), ['console', consoleUrl]])
    await waitUntil(`${service} to be ready`, () => isReady(url));
  say('every service is ready');
  for (const service of services) {
    const user = ask('exec', '-T', service, 'id', '-u');
    if (user === '0') throw new Error(`${service} runs as root`);
  }
  say('no service runs as root');
  const stackFile = join(folder, 'stack.json');
  mkdirSync(folder, { recursive: true });
  const keys = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'));
  const stack = {
    services: Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, { url, urls: [url] }])),
    console: { url: consoleUrl },
    keys,
  };
  writeFileSync(stackFile, JSON.stringify(stack, null, 2), { mode: 0o600 });
  const example = spawnSync(node, ['examples/birdstrikes/dist/main.js'], {
    stdio: 'inherit',
    env: { ...process.env, BASCULE_STACK: stackFile },
  });
  if (example.status !== 0) throw new Error('a step of the example failed');
  exitCode = 0;
  say('the loop turns in containers');
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  spawnSync(command, [...composeArgs, 'logs', '--tail', '30'], { stdio: 'inherit' });
} finally {
  if (!keep) spawnSync(command, [...composeArgs, 'down', '-v', '--remove-orphans'], { stdio: 'inherit' });
}
process.exit(exitCode);
