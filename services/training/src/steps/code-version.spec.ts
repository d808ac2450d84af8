import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CodeVersionStore, namedLibraries } from './code-version.store.js';

/** All that a file imports, and what that imports. */
function importsOf(file: URL, seen = new Set<string>(), found = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return found;
  seen.add(file.href);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm)) {
    if (name.startsWith('.')) importsOf(new URL(name.replace(/\.js$/, '.ts'), file), seen, found);
    else found.add(name);
  }
  return found;
}

it('the code version names every library of ours that steps are carried out with', () => {
  const all = [...importsOf(new URL('../trainers/main.ts', import.meta.url))].filter((name) => name.startsWith('@bascule/'));
  // ends the program with its service, and changes nothing that comes out
  const ours = all.filter((name) => name !== '@bascule/platform/end-with-parent');
  const used = ours.map((name) => name.split('/').slice(0, 2).join('/'));
  expect(used).toContain('@bascule/proto');
  expect(namedLibraries).toEqual(expect.arrayContaining(used));
});

it('the code version is the same for the same code', async () => {
  const { digest } = await new CodeVersionStore().get();
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect((await new CodeVersionStore().get()).digest).toBe(digest);
});
