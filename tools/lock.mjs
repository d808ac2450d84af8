import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const beatMs = 2_000;
const staleMs = 20_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isStale(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    const ageMs = Date.now() - statSync(file).mtimeMs;
    return ageMs > staleMs || (pid > 0 && !isAlive(pid));
  } catch {
    return false; // gone: the next try takes it
  }
}

function tryToTake(file) {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Runs `work` while no other process runs work under the same file; a holder that died is passed over. */
export async function withLock(file, work, tell = console.log) {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; !tryToTake(file); ) {
    if (isStale(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) tell('another start is preparing this folder; waiting for it');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // removed from under us: nothing to keep fresh
    }
  }, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
}
