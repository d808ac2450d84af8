import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readData } from './read-data.js';

const folder = mkdtempSync(join(tmpdir(), 'bascule-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the first rows of a file are read, and whether there are more is known', async () => {
  const file = join(folder, 'rows.csv');
  writeFileSync(file, 'a,b\n1,2\n3,4\n5,6\n');
  expect(await readData(file, 2)).toMatchObject({ rows: [['1', '2'], ['3', '4']], isCut: true }); // biome-ignore format: a table
  expect(await readData(file, 3)).toMatchObject({ isCut: false });
  expect((await readData(file, 3)).rows).toHaveLength(3);
});
