import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isTestFile, looksAtAllPackages, mayImport, onlyThese } from './layers.mjs';

const skipped = new Set(['node_modules', 'dist', 'dist-web', 'generated', 'fixtures']);
const importPattern = /(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g;

function sourceFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sourceFiles(path);
    return /\.(ts|tsx|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

function readProjects(root) {
  const folders = ['libs', 'services', 'examples'].flatMap((parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => join(root, parent, name)) : [],
  );
  const projects = new Map();
  for (const folder of [...folders, join(root, 'e2e'), join(root, 'benchmarks')]) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    const layer = manifest.nx?.tags?.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length);
    const exported = Object.keys(manifest.exports ?? {}).map((key) => key.slice(2));
    projects.set(manifest.name, { name: manifest.name, folder, layer, exported, manifest });
  }
  return projects;
}

function packageOf(specifier) {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

/** What is wrong with one project using another; undefined when nothing is. */
function faultOfUse(from, name, projects, inTest) {
  const restricted = onlyThese[from.name];
  if (
    restricted &&
    !inTest &&
    !restricted.includes(name) &&
    (looksAtAllPackages.has(from.name) || projects.has(name)) &&
    !name.startsWith('node:')
  ) {
    return `may import only ${restricted.join(', ')}`;
  }
  const to = projects.get(name);
  if (!to || to === from) return undefined;
  if (to.layer === 'service') return 'a service is imported by nobody';
  if (to.layer === 'testing' && inTest) return undefined;
  if (!mayImport[from.layer]?.includes(to.layer)) return `layer ${from.layer} may not import layer ${to.layer}`;
  return undefined;
}

function faultsOfFile(path, from, projects, root) {
  const faults = [];
  const where = relative(root, path);
  for (const [, , specifier] of readFileSync(path, 'utf8').matchAll(importPattern)) {
    if (specifier.startsWith('.')) {
      const target = resolve(dirname(path), specifier);
      if (relative(from.folder, target).startsWith('..'))
        faults.push(`${where}: ${specifier} leaves the project: import the package by name`);
      continue;
    }
    const name = packageOf(specifier);
    const fault = faultOfUse(from, name, projects, isTestFile(relative(from.folder, path)));
    if (fault) faults.push(`${where}: imports ${name}: ${fault}`);
    const to = projects.get(name);
    const inside = specifier.slice(name.length + 1);
    if (to && inside && !to.exported.some((key) => key === inside || (key.endsWith('*') && inside.startsWith(key.slice(0, -1))))) {
      faults.push(`${where}: ${specifier} reaches into ${name}: import what it exports`);
    }
  }
  return faults;
}

function faultsOfManifest(from, projects, root) {
  const faults = [];
  const where = relative(root, join(from.folder, 'package.json'));
  if (!mayImport[from.layer]) faults.push(`${where}: nx.tags names no known layer (${Object.keys(mayImport).join(', ')})`);
  for (const name of Object.keys(from.manifest.dependencies ?? {})) {
    const fault = projects.has(name) && faultOfUse(from, name, projects, false);
    if (fault) faults.push(`${where}: depends on ${name}: ${fault}`);
  }
  return faults;
}

function faultsOfReferences(from, projects, root) {
  const file = join(from.folder, 'tsconfig.json');
  if (!existsSync(file)) return [];
  const { references = [] } = JSON.parse(readFileSync(file, 'utf8'));
  return references.flatMap(({ path }) => {
    const target = resolve(from.folder, path);
    const to = [...projects.values()].find(({ folder }) => folder === target);
    if (!to) return [`${relative(root, file)}: references ${path}, which is no project`];
    const fault = faultOfUse(from, to.name, projects, false);
    return fault ? [`${relative(root, file)}: references ${to.name}: ${fault}`] : [];
  });
}

/** Everything in the tree below `root` that crosses a boundary it may not. */
export function findBoundaryFaults(root) {
  const projects = readProjects(root);
  if (projects.size === 0) return [`${basename(root)}: no project was found`];
  const faults = [];
  for (const project of projects.values()) {
    faults.push(...faultsOfManifest(project, projects, root), ...faultsOfReferences(project, projects, root));
    for (const path of sourceFiles(project.folder))
      if (statSync(path).isFile()) faults.push(...faultsOfFile(path, project, projects, root));
  }
  return faults;
}
