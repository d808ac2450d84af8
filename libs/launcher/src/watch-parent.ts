import { isSameProcess, startOf } from './process-identity.js';

/** The programs that started us, as `tools/start.mjs` names them: itself, and npm with its shell. */
export function startedBy(): { pid: number; start: string }[] {
  return (process.env['BASCULE_STARTED_BY'] ?? '')
    .split(',')
    .map(Number)
    .filter((pid) => pid > 1)
    .map((pid) => ({ pid, start: startOf(pid) ?? '' }));
}

/** Calls back when one of the programs that started us is gone: `npm` may be killed without telling anybody. */
export function watchParent(onGone: () => void): void {
  const watched = startedBy();
  if (watched.length === 0) return;
  const timer = setInterval(() => {
    if (watched.every(({ pid, start }) => isSameProcess(pid, start))) return;
    clearInterval(timer);
    onGone();
  }, 500);
  timer.unref();
}
