import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { platformConfigSchema } from '@bascule/platform';
import { it } from 'vitest';
import { configSchema } from './config.js';

it('has every setting of its own in the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const own = Object.keys(configSchema.shape).filter((name) => !(name in platformConfigSchema.shape));
  assert.ok(own.length > 20);
  assert.deepEqual(
    own.filter((name) => !readme.includes(`\`${name}\``)),
    [],
  );
});
