// Copies one workspace, the workspaces it depends on and their installed packages into a folder of their own:
//   node infra/docker/collect.mjs services/registry /runtime [--migrations-only]
// Dependency-free: it also runs where only the build is installed.
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [start, target, onlyMigrations] = process.argv.slice(2);
if (!start || !target) {
  process.stderr.write('collect.mjs WORKSPACE FOLDER [--migrations-only]\n');
  process.exit(2);
}
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const root = readJson('package.json');
const workspaces = new Map(
  root.workspaces.flatMap((pattern) => globSync(`${pattern}/package.json`)).map((file) => [readJson(file).name, dirname(file)]),
);
const collected = new Set();

/** Copies what a workspace runs: its build, its page, its manifest. */
function takeWorkspace(folder) {
  if (collected.has(folder)) return;
  collected.add(folder);
  const manifest = readJson(join(folder, 'package.json'));
  mkdirSync(join(target, folder), { recursive: true });
  for (const part of ['package.json', 'dist', 'dist-web']) {
    if (existsSync(join(folder, part)))
      cpSync(join(folder, part), join(target, folder, part), { recursive: true, filter: (path) => !path.endsWith('.map') });
  }
  const link = join(target, 'node_modules', manifest.name);
  mkdirSync(dirname(link), { recursive: true });
  if (!existsSync(link)) symlinkSync(join('..', '..', folder), link);
  for (const name of Object.keys(manifest.dependencies ?? {})) takePackage(name, folder);
}

/** Copies an installed package and what it depends on, found the way Node finds it. */
function takePackage(name, from) {
  if (workspaces.has(name)) return takeWorkspace(workspaces.get(name));
  const folder = installedAt(name, from);
  if (!folder || collected.has(folder)) return;
  collected.add(folder);
  cpSync(folder, join(target, folder), { recursive: true, filter: (path) => isNeeded(path, folder) });
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = readJson(join(folder, 'package.json'));
  for (const other of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) takePackage(other, folder);
}

function installedAt(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === '.' || folder === '/') return undefined;
  }
}

function isNeeded(path, folder) {
  const inside = path.slice(folder.length);
  if (inside.startsWith('/node_modules')) return false;
  if (/\.(map|md|ts|mts|cts)$/.test(inside)) return false;
  // the runtime ships binaries of every platform and of accelerators that are not here
  return !/\/bin\/napi-v\d+\/(darwin|win32)(\/|$)|onnxruntime_providers_(cuda|tensorrt)/.test(inside);
}

takeWorkspace(start);
if (onlyMigrations) rmSync(join(target, start, 'dist-web'), { recursive: true, force: true });
