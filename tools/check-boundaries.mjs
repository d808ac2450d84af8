import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBoundaryFaults } from './boundaries.mjs';

// A rule never seen to fail is not a rule: the fixture holds one violation of each, and every one must be found.
const expected = [
  'a service is imported by nobody',
  'leaves the project',
  'reaches into',
  'may import only zod',
  'may not import layer',
  'references @bascule/beta',
  'depends on @bascule/beta',
];

const tools = dirname(fileURLToPath(import.meta.url));
const inFixture = findBoundaryFaults(join(tools, 'fixtures', 'boundaries'));
const missed = expected.filter((words) => !inFixture.some((fault) => fault.includes(words)));
if (missed.length > 0) {
  console.error(`the boundary check is blind: in its fixture it did not find "${missed.join('", "')}"`);
  process.exitCode = 1;
}
const faults = findBoundaryFaults(dirname(tools));
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else if (missed.length === 0) console.log('boundaries hold');
