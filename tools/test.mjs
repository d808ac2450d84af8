import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { pinnedNode, root, run, workspaceEnvironment } from './run.mjs';

const closingLine = /^\d+ passed, \d+ failed$/;
let lastLine = '';

/** Passes the output on and remembers its last line: the closing line must come also when the tests never ran. */
function follow(child) {
  let rest = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line.trim()) lastLine = line.trim();
  });
}

try {
  await prepare();
  const env = workspaceEnvironment(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {});
  // once, before test files that run side by side would each install it
  const ensureNats = "const { ensureNatsServer } = await import('@bascule/launcher'); ensureNatsServer(console.log);";
  if ((await run(pinnedNode, ['--input-type=module', '-e', ensureNats], { env })) !== 0) throw new Error('the tests need nats-server');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  process.exitCode = await run(pinnedNode, [vitest, 'run', ...process.argv.slice(2)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    onSpawn: follow,
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
if (!closingLine.test(lastLine)) {
  process.exitCode ||= 1;
  console.log('0 passed, 1 failed');
}
