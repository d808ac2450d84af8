import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { pinnedNode, root, run } from './run.mjs';

try {
  await prepare((text) => console.error(text));
  process.exitCode = await run(pinnedNode, [join(root, 'libs/cli/dist/main.js'), ...process.argv.slice(2)]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
