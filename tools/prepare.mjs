import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { pinnedNode, root, runQuietly, workspaceEnvironment } from './run.mjs';

const cache = join(root, '.cache');
const installMark = join(cache, 'installing');
const buildStamp = join(cache, 'built');

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether node_modules holds what the lock asks for; says so also of an install made by hand. */
export function isInstalled() {
  if (existsSync(installMark) || !existsSync(pinnedNode)) return false;
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const found = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([path, { version, optional, link, peer }]) => {
    if (!path.includes('node_modules/') || optional || peer) return true;
    // packages inside a workspace's own folder are looked for on disk: the folder may be a fresh checkout
    if (!path.startsWith('node_modules/') && !existsSync(join(root, path))) return false;
    return link ? found[path]?.link === true : found[path]?.version === version;
  });
}

function npm(args) {
  const byNpm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const [program, ...first] = byNpm;
  // onnxruntime-node would fetch CUDA libraries that nothing here uses
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  return runQuietly(`npm ${args[0]}`, program, [...first, ...args, '--no-audit', '--no-fund', '--loglevel=error'], { env });
}

/** Says what goes on and for how long, so that nobody takes a long step for one that hangs. */
export async function withSignsOfLife(what, work, tell, everyMs = 15_000) {
  const startedAt = Date.now();
  const timer = setInterval(() => tell(`still ${what} (${Math.round((Date.now() - startedAt) / 1000)} s)`), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

async function install(tell) {
  tell('installing packages (once; this takes a minute or two)');
  mkdirSync(cache, { recursive: true });
  writeFileSync(installMark, '');
  await withSignsOfLife('installing packages', () => installPackages(tell), tell);
  if (!existsSync(pinnedNode))
    throw new Error('the pinned Node was not installed: are install scripts turned off (npm config get ignore-scripts)?');
  rmSync(installMark);
}

async function installPackages(tell) {
  try {
    await npm(['ci']);
  } catch (error) {
    // a lock made where only this platform's packages were in reach lacks those of others: npm ci refuses it, npm install does not
    tell(
      `npm ci did not work (${error.message.split('\n').find((line) => line.includes('npm error')) ?? 'no reason given'}); trying npm install`,
    );
    await npm(['install', '--no-save']);
  }
}

const sourceFolders = ['libs', 'services', 'examples', 'benchmarks', 'e2e', 'proto'];
const notSource = new Set(['node_modules', 'dist', 'dist-web', 'generated', 'test', 'docs', 'coverage']);

function addSources(folder, lines) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!notSource.has(entry.name)) addSources(path, lines);
    } else if (!entry.name.endsWith('.spec.ts') && !entry.name.endsWith('.md')) {
      const { mtimeMs, size } = statSync(path);
      lines.push(`${path} ${mtimeMs} ${size}`);
    }
  }
}

/** A fingerprint of everything the build reads. */
function fingerprint() {
  const lines = [];
  for (const folder of sourceFolders) if (existsSync(join(root, folder))) addSources(join(root, folder), lines);
  const outputs = [
    'libs/launcher/dist/main.js',
    'libs/proto/src/generated',
    ...readdirSync(join(root, 'services')).map((name) => `services/${name}/dist/main.js`),
  ];
  for (const output of outputs) lines.push(`${output} ${existsSync(join(root, output))}`);
  for (const file of ['tsconfig.base.json', 'tsconfig.json', 'buf.gen.yaml', 'package-lock.json'])
    lines.push(readFileSync(join(root, file), 'utf8'));
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Generates the protobuf types, compiles, and builds the console's page. */
export async function build(tell) {
  const bin = (name) => join(root, 'node_modules', '.bin', name);
  const env = workspaceEnvironment();
  await runQuietly('generating from proto/', bin('buf'), ['generate'], { env });
  await runQuietly('compiling', bin('tsc'), ['-b'], { env });
  const console_ = join(root, 'services', 'console');
  if (['ts', 'js', 'mjs'].some((extension) => existsSync(join(console_, `vite.config.${extension}`)))) {
    await runQuietly('building the console', bin('vite'), ['build', '--logLevel', 'warn'], { env, cwd: console_ });
  }
  mkdirSync(cache, { recursive: true });
  writeFileSync(buildStamp, fingerprint());
  tell('built');
}

function isBuilt() {
  return existsSync(buildStamp) && readFileSync(buildStamp, 'utf8') === fingerprint();
}

function checkNode() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new Error(`Node ${process.versions.node} is too old: install Node 20 or newer from https://nodejs.org`);
  if (process.platform === 'win32') throw new Error('on Windows, run this inside WSL');
}

/** Installs and builds what is missing or stale. Starts side by side wait for one another. */
export async function prepare(tell = console.log) {
  checkNode();
  if (isInstalled() && isBuilt()) return;
  await withLock(
    join(cache, 'preparing'),
    async () => {
      if (!isInstalled()) await install(tell);
      if (!isBuilt()) {
        tell('building');
        await withSignsOfLife('building', () => build(tell), tell);
      }
    },
    tell,
  );
}

/** Installs what is missing, without building. */
export async function prepareInstall(tell = console.log) {
  checkNode();
  if (!isInstalled()) await withLock(join(cache, 'preparing'), async () => isInstalled() || install(tell), tell);
}
