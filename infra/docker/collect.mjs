// Copies what a program runs into a folder of its own, to become an image:
//   node infra/docker/collect.mjs FOLDER [--beside FOLDER] PATH...
// A PATH that is a workspace brings its build, the workspaces it depends on and their installed packages.
// Any other PATH inside a workspace is copied alone: a folder as it is, a program with the files beside it that it imports.
// What is in --beside already is left out.
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { beside: { type: 'string' } } });
const [target, ...paths] = positionals;
if (!target || paths.length === 0) {
  process.stderr.write('collect.mjs FOLDER [--beside FOLDER] PATH...\n');
  process.exit(2);
}

/** Declared by a package, but needed to build only, or for pages that are not served. */
const notAtRunTime = new Set(['typescript', 'react', 'react-dom', 'swagger-ui-dist', '@scarf/scarf']);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const manifests = readJson('package.json').workspaces.flatMap((pattern) => globSync(`${pattern}/package.json`));
const workspaces = new Map(manifests.map((file) => [readJson(file).name, dirname(file)]));
const folders = new Set(workspaces.values());
const seen = new Set();

/** Whether a folder is still to be copied; says so once. */
function isNew(folder) {
  if (seen.has(folder)) return false;
  seen.add(folder);
  return !(values.beside && existsSync(join(values.beside, folder)));
}

function copy(path, filter = () => true) {
  mkdirSync(dirname(join(target, path)), { recursive: true });
  cpSync(path, join(target, path), { recursive: true, filter: (each) => !/\.(map|md|ts|mts|cts)$/.test(each) && filter(each) });
}

/** Copies what a workspace runs: its build, its page, its manifest; and what it depends on. */
function takeWorkspace(folder) {
  if (!isNew(folder)) return;
  for (const part of ['package.json', 'dist', 'dist-web']) if (existsSync(join(folder, part))) copy(join(folder, part));
  const { name, dependencies = {} } = readJson(join(folder, 'package.json'));
  const link = join(target, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join('..', '..', folder), link);
  for (const each of Object.keys(dependencies)) takePackage(each, folder);
}

/** Copies an installed package and what it depends on, found the way Node finds it. */
function takePackage(name, from) {
  if (workspaces.has(name)) return takeWorkspace(workspaces.get(name));
  if (notAtRunTime.has(name) || name.startsWith('@types/')) return;
  const folder = installedAt(name, from);
  if (!folder || !isNew(folder)) return;
  copy(folder, (path) => isNeeded(name, path.slice(folder.length)));
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = readJson(join(folder, 'package.json'));
  const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
  for (const other of [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers]) takePackage(other, folder);
}

/** Copies a program and what it imports from its own workspace. */
function takeProgram(file) {
  if (!isNew(file)) return;
  copy(file);
  for (const [, other] of readFileSync(file, 'utf8').matchAll(/\b(?:from|import) '(\.{1,2}\/[^']+)'/g))
    takeProgram(join(dirname(file), other));
}

function installedAt(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === '.' || folder === '/') return undefined;
  }
}

function isNeeded(name, inside) {
  if (inside.startsWith('/node_modules')) return false;
  // copies for browsers, the other data sets, and the binaries of other machines and of accelerators
  if (name === 'typeorm') return !inside.startsWith('/browser');
  if (name === 'vega-datasets')
    return inside === '' || ['/package.json', '/build', '/data', '/data/birdstrikes.csv'].includes(inside) || inside.startsWith('/build/');
  if (name !== 'onnxruntime-node') return true;
  const [, platform, cpu] = /^\/bin\/napi-v\d+\/([^/]+)(?:\/([^/]+))?/.exec(inside) ?? [];
  if ((platform && platform !== process.platform) || (cpu && cpu !== process.arch)) return false;
  return !/onnxruntime_providers_(cuda|tensorrt)/.test(inside);
}

for (const path of paths.map((each) => each.replace(/\/$/, ''))) {
  if (folders.has(path)) {
    takeWorkspace(path);
    continue;
  }
  const owner = [...folders].find((folder) => path.startsWith(`${folder}/`));
  if (owner) copy(join(owner, 'package.json'));
  if (path.endsWith('.js')) takeProgram(path);
  else copy(path);
}
