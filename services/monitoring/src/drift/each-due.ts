import type { DueWindow } from './drift.queries.js';

/**
 * Judges what is due until nothing is left. A window that fails keeps no other from its verdict.
 * @param find answers some of what is due, without the windows of these keys
 * @throws the first failure, once the others are judged
 */
export async function eachDue<Due extends DueWindow>(
  find: (except: readonly string[]) => Promise<Due[]>,
  judge: (window: Due) => Promise<void>,
): Promise<void> {
  const failed = new Map<string, unknown>();
  for (;;) {
    const due = (await find([...failed.keys()])).filter((window) => !failed.has(keyOf(window)));
    if (due.length === 0) break;
    for (const window of due) await judge(window).catch((error: unknown) => failed.set(keyOf(window), error));
  }
  if (failed.size > 0) throw [...failed.values()][0];
}

const keyOf = ({ model_name, model_version, day }: DueWindow) => `${model_name}/${model_version}/${day}`;
