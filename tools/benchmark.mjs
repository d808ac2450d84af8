import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { pinnedNode, root, run } from './run.mjs';

// npm run benchmark -- NAME [--json FILE] runs benchmarks/NAME, compiled to benchmarks/dist/NAME/main.js
const [name, ...rest] = process.argv.slice(2);
const folder = join(root, 'benchmarks');
const known = existsSync(folder)
  ? readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'main.ts')))
      .map((entry) => entry.name)
  : [];
if (!known.includes(name)) {
  console.error(`Usage: npm run benchmark -- NAME [--json FILE]   with NAME one of: ${known.join(', ') || '(none yet)'}`);
  process.exit(2);
}
try {
  await prepare((text) => console.error(text));
  process.exitCode = await run(pinnedNode, [join(root, 'benchmarks/dist', name, 'main.js'), ...rest]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
