import { expect, it } from 'vitest';
import { withoutPaths } from './task-end.js';

it.each([
  [
    "Error: ENOENT: no such file or directory, open '/var/lib/bascule/objects/ab/abc'",
    "Error: ENOENT: no such file or directory, open '[path]'",
  ],
  ['file:///srv/training/dist/main.js:12', '[path]'],
  ['Error: 3/4 of the rows lack a label', 'Error: 3/4 of the rows lack a label'],
])('tells %s without paths', (line, expected) => {
  expect(withoutPaths(line)).toBe(expected);
});
