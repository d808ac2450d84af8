import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { callerFolder, pinnedNode, root, run, workspaceEnvironment } from './run.mjs';

try {
  await prepare((text) => console.error(text));
  const env = workspaceEnvironment({ BASCULE_CALLER_FOLDER: callerFolder(process.env, process.cwd()) });
  process.exitCode = await run(pinnedNode, [join(root, 'libs/cli/dist/main.js'), ...process.argv.slice(2)], { env });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
