import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promotionApproved, type RolloutStrategy } from '@bascule/contracts';
import { ServingStack } from '../batch-jobs/serving.js';
import { type Figure, reportFigures } from '../figures.js';
import { until } from '../service-stack.js';
import { Load } from './load.js';
import { pickModel, pickSignature } from './pick-model.js';

// One rollout after another under constant load: how soon versions come and go, and whether any request pays for it.

const args = process.argv.slice(2);
const numberOf = (name: string, otherwise: number) => (args.includes(name) ? Number(args[args.indexOf(name) + 1]) : otherwise);
const rollouts = numberOf('--rollouts', 200);
const bursts = numberOf('--bursts', 10);
const modelName = 'rolled';

const folder = mkdtempSync(join(tmpdir(), 'bascule-rollouts-'));
// as root, PostgreSQL runs as a user of its own
chmodSync(folder, 0o711);
const stack = await ServingStack.start(folder);
const serving = await stack.add('control,gateway', { LOG_LEVEL: 'error' });

interface Rollout {
  readonly rolloutId: string;
  readonly version: number;
  readonly status: string;
}

async function approve(version: number, values: number, strategy: RolloutStrategy): Promise<void> {
  const { digest: artifactDigest, sizeBytes: artifactSizeBytes } = await stack.put(pickModel(values, version));
  const who = { requestedBy: 'benchmark', approvedBy: 'benchmark', environment: 'production' as const };
  const data = {
    promotionId: randomUUID(),
    modelName,
    version,
    ...who,
    artifactDigest,
    artifactSizeBytes,
    signature: pickSignature,
    strategy,
  };
  await stack.publisher.publishEvent({ definition: promotionApproved, data });
}

const find = async (version: number): Promise<Rollout | undefined> =>
  (await stack.get<{ items: Rollout[] }>(`/v1/rollouts?model=${modelName}`)).items.find((rollout) => rollout.version === version);

async function steer(version: number, action: 'finish' | 'abort'): Promise<void> {
  const rollout = await find(version);
  const answer = await fetch(`${serving.url}/v1/rollouts/${rollout?.rolloutId}/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'benchmark' }),
  });
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
}

const strategies: RolloutStrategy[] = [
  { kind: 'all-at-once', steps: [100] },
  { kind: 'blue-green', steps: [100] },
  { kind: 'canary', steps: [50, 100] },
  { kind: 'canary', steps: [10, 100] },
];
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const upMs: number[] = [];
const downMs: number[] = [];
const burstMs: number[] = [];

try {
  await approve(1, 2, { steps: [100] });
  const url = `${serving.url}/v2/models/${modelName}/infer`;
  await until(async () => (await find(1))?.status === 'completed');
  const load = new Load(url, stack.token);
  await until(async () => (await fetch(`${url.replace('/infer', '')}/ready`)).status !== 404);
  load.start(4, 10);
  let version = 1;
  for (let rollout = 0; rollout < rollouts; rollout++) {
    const strategy = strategies[rollout % strategies.length]!;
    version++;
    const name = String(version);
    const promotedAt = performance.now();
    await approve(version, 2, strategy);
    upMs.push((await load.next((answer) => answer.version === name, promotedAt)).at - promotedAt);
    if (strategy.kind === 'all-at-once') {
      await until(async () => (await find(version))?.status === 'completed');
      continue;
    }
    // every other one is taken back: how long does the old one, here the challenger, still answer?
    const isTakenBack = rollout % 8 < 4;
    const steeredAt = performance.now();
    await steer(version, isTakenBack ? 'abort' : 'finish');
    await until(async () => (await find(version))?.status === (isTakenBack ? 'aborted' : 'completed'));
    if (!isTakenBack) continue;
    await load.next((answer) => answer.version !== name, performance.now() + 300);
    downMs.push(Math.max(0, (load.answers.findLast((answer) => answer.version === name)?.at ?? 0) - steeredAt));
  }
  await load.stop();
  const failed = load.answers.filter(({ status }) => status !== 200).length + load.unanswered;
  const answered = load.answers.length;
  await until(async () => (await stack.captured()).rows >= answered - failed);
  const { rows, repeated } = await stack.captured();

  for (let burst = 0; burst < bursts; burst++) {
    version++;
    const clients = new Load(url, stack.token);
    clients.start(4, 10);
    // one value only: every request of these clients fails on it
    await approve(version, 1, { steps: [50, 100] });
    await until(async () => (await find(version))?.status === 'rolled-back');
    await clients.next(({ status }) => status === 200, performance.now() + 300);
    await clients.stop();
    const bad = clients.answers.filter(({ status }) => status !== 200);
    burstMs.push((bad.at(-1)?.at ?? 0) - (bad[0]?.at ?? 0));
  }

  const figures: Figure[] = [
    { name: 'rollouts under constant load', value: rollouts, unit: '', better: 'higher' },
    { name: 'requests answered meanwhile', value: answered, unit: '', better: 'higher' },
    { name: 'requests that failed', value: failed, unit: '', better: 'lower', target: 0 },
    {
      name: 'answers captured twice, or not at all',
      value: repeated + Math.abs(rows - answered + failed),
      unit: '',
      better: 'lower',
      target: 0,
    },
    { name: 'promotion to first answer of the new version, median', value: median(upMs), unit: 'ms', better: 'lower', target: 2_000 },
    { name: '  slowest', value: Math.max(...upMs), unit: 'ms', better: 'lower' },
    {
      name: "operator's rollback to last answer of the version, median",
      value: median(downMs),
      unit: 'ms',
      better: 'lower',
      target: 1_000,
    },
    { name: '  slowest', value: Math.max(...downMs), unit: 'ms', better: 'lower', target: 1_000 },
    { name: 'error burst: first to last failed answer, median', value: median(burstMs), unit: 'ms', better: 'lower', target: 5_000 },
    { name: '  slowest', value: Math.max(...burstMs), unit: 'ms', better: 'lower', target: 5_000 },
  ];
  reportFigures(figures, args);
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}
