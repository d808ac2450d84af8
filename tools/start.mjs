import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { pinnedNode, root, run, workspaceEnvironment } from './run.mjs';

function parentOf(pid) {
  try {
    if (process.platform === 'linux') {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return {
        parent: Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]),
        name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
      };
    }
    const [parent, ...name] = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return { parent: Number(parent), name: name.join(' ') };
  } catch {
    return { parent: 0, name: '' };
  }
}

/** Ourselves, and npm with its shell when npm started us: when one of them is killed, the stack is to stop. */
function startedBy() {
  const chain = [process.pid];
  if (!process.env.npm_lifecycle_event) return chain;
  let pid = process.ppid;
  if (/(^|\/)(ba|da|z|k)?sh$/.test(parentOf(pid).name)) {
    chain.push(pid);
    pid = parentOf(pid).parent;
  }
  return [...chain, pid].filter((each) => each > 1);
}

try {
  await prepare();
  const flags = ['--max-semi-space-size=2', '--max-old-space-size=192', '--enable-source-maps'];
  const env = workspaceEnvironment({ BASCULE_STARTED_BY: startedBy().join(',') });
  process.exitCode = await run(pinnedNode, [...flags, join(root, 'libs/launcher/dist/main.js'), ...process.argv.slice(2)], { env });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
