import { existsSync, globSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import LongestFirst from './tools/longest-first.js';

const root = dirname(fileURLToPath(import.meta.url));
const sharedServers = join(root, 'libs/testing/src/global-setup.ts');

const folders = ['libs', 'services', 'examples']
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => ({ name, dir: join(parent, name) })))
  .concat({ name: 'benchmarks', dir: 'benchmarks' }, { name: 'tools', dir: 'tools' })
  .filter(({ dir }) => existsSync(join(root, dir)));

const unit = folders.map(({ name, dir }) => ({
  extends: true as const,
  // test files lie outside the tsconfig of their project, so the decorators are switched on here
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    name,
    root: join(root, dir),
    include: name === 'tools' ? ['**/*.spec.ts'] : ['src/**/*.spec.ts', 'web/**/*.spec.ts', 'web/**/*.spec.tsx'],
    // nothing of a unit test stays behind for the next one but the modules that are loaded
    isolate: false,
  },
}));

const integration = folders
  .filter(({ dir }) => globSync(join(root, dir, 'test/**/*.int.spec.ts')).length > 0)
  .map(({ name, dir }) => ({
    extends: true as const,
    test: {
      name: `${name}:int`,
      root: join(root, dir),
      include: ['test/**/*.int.spec.ts'],
      globalSetup: [sharedServers],
      // long enough for a machine that has much else to do: only what hangs takes so long
      testTimeout: 300_000,
      hookTimeout: 180_000,
    },
  }));

const endToEnd = {
  extends: true as const,
  // test files lie outside the tsconfig of their project, so the decorators are switched on here
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    name: 'e2e',
    root: join(root, 'e2e'),
    include: ['**/*.e2e.spec.ts'],
    testTimeout: 900_000,
    hookTimeout: 600_000,
  },
};

export default defineConfig({
  resolve: { conditions: ['@bascule/source'] },
  // only our own condition: vitest hands these to node, and with `import` among them require('pg') breaks
  ssr: { resolve: { conditions: ['@bascule/source'] } },
  // test files lie outside the tsconfig of their project, so the decorators are switched on here
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    environment: 'node',
    passWithNoTests: true,
    pool: 'forks',
    // what node makes of the modules it loads is kept for the many processes of the tests
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled') },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongestFirst },
    // tests of servers wait more than they compute
    maxWorkers: 3,
    reporters: ['default', join(root, 'tools/summary-reporter.ts')],
    projects: [...unit, ...integration, endToEnd],
  },
});
