import { isSameProcess, startOf } from './process-identity.js';

/** Calls back when one of the processes that started us is gone: `npm` may be killed without telling anybody. */
export function watchParent(onGone: () => void): void {
  const watched = (process.env['BASCULE_STARTED_BY'] ?? '')
    .split(',')
    .map(Number)
    .filter((pid) => pid > 1)
    .map((pid) => ({ pid, start: startOf(pid) ?? '' }));
  if (watched.length === 0) return;
  const timer = setInterval(() => {
    if (watched.every(({ pid, start }) => isSameProcess(pid, start))) return;
    clearInterval(timer);
    onGone();
  }, 500);
  timer.unref();
}
