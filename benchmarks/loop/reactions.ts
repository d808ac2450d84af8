import type { Stack } from '@bascule/launcher';
import type { Figure } from '../figures.js';

interface Entry {
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly payload: Record<string, unknown> | null;
}

async function ask<T>(url: string, key: string): Promise<T> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  if (!answer.ok) throw new Error(`status ${answer.status} for ${url}`);
  return (await answer.json()) as T;
}

/** Audit entries of one type with their payloads, oldest first. */
async function entriesOf(stack: Stack, type: string): Promise<Entry[]> {
  const { services, keys } = stack.info;
  const entries = `${services.governance.url}/v1/audit/entries`;
  const { items } = await ask<{ items: { index: number }[] }>(`${entries}?type=${type}&limit=200`, keys.auditor);
  const whole = await Promise.all(items.map(({ index }) => ask<Entry>(`${entries}/${index}`, keys.auditor)));
  return whole.toSorted((a, b) => a.time.localeCompare(b.time));
}

const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

/** When a client first got an answer from the version: the time its prediction was received. */
async function firstAnswerAt(stack: Stack, version: number): Promise<string> {
  const { services, keys } = stack.info;
  const { items } = await ask<{ items: { receivedAt: string }[] }>(
    `${services.monitoring.url}/v1/predictions?model=claims-triage&version=${version}&order=oldest&limit=1`,
    keys.auditor,
  );
  if (!items[0]) throw new Error(`no prediction by version ${version}`);
  return items[0].receivedAt;
}

/** How fast one part of the loop follows another, from the times of the events in the audit log. */
export async function reactionFigures(stack: Stack): Promise<Figure[]> {
  const decided = await entriesOf(stack, 'training.trigger.decided.v1');
  const run = decided.find(({ payload }) => payload?.['outcome'] === 'run' && payload['cause'] === 'drift-detected');
  const registered = await entriesOf(stack, 'registry.version.registered.v1');
  const second = registered.find(({ payload }) => payload?.['version'] === 2);
  const approved = (await entriesOf(stack, 'registry.promotion.approved.v1')).find(({ payload }) => payload?.['version'] === 2);
  if (!run || !second || !approved) throw new Error('the audit log lacks an event of the loop');
  return [
    { name: 'drift trigger to new version registered', value: seconds(run.time, second.time), unit: 's', better: 'lower' },
    {
      name: 'promotion approved to first answer by the new version',
      value: seconds(approved.time, await firstAnswerAt(stack, 2)),
      unit: 's',
      better: 'lower',
    },
  ];
}
