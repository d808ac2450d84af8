import { alertRaised, canaryJudged, type RolloutStrategy, rolloutStarted } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MonitoringProcess, startMonitoringProcess } from './monitoring-process.js';

let monitoring: MonitoringProcess;
beforeAll(async () => {
  monitoring = await startMonitoringProcess();
});
afterAll(() => monitoring?.stop());

const patience = { timeoutMs: 60_000 };
const test = { metric: { kind: 'label' as const }, better: 'higher' as const, minimumEffect: 0.1, alpha: 0.05, maxPerVersion: 1000 };
const strategies: RolloutStrategy[] = [
  { kind: 'canary', steps: [50, 100] },
  { kind: 'shadow', steps: [100] },
  { kind: 'blue-green', steps: [100] },
  { kind: 'ab-test', steps: [50, 100], test },
];

const modelNameOf = ({ kind }: RolloutStrategy) => `judged-${kind}`;

/** A rollout of which gateways have counted so many failures that it fails at once. */
async function failing(strategy: RolloutStrategy): Promise<string> {
  const [rolloutId, modelName] = [newId(), modelNameOf(strategy)];
  const arms = ([1, 2] as const).map((version) => {
    const failed = version === 1 ? 0 : 150;
    return { version, step: 0, answered: 200, failed, latency: [0, 0, 0, 200] };
  });
  await monitoring.measure({ rolloutId, gatewayId: newId(), producer: newId(), modelName, at: new Date().toISOString(), arms });
  const about = { rolloutId, promotionId: newId(), modelName, environment: 'production' as const, artifactDigest: 'b'.repeat(64) };
  await monitoring.publish(rolloutStarted, { ...about, version: 2, championVersion: 1, step: 0, percent: strategy.steps[0]!, strategy });
  return rolloutId;
}

describe('a verdict whose judge is killed', () => {
  it.each(strategies.map((strategy) => [strategy.kind, strategy] as const))(
    'of %s comes all the same, once: killed before it has committed, and when the stream has it and nobody has noted that',
    async (_, strategy) => {
      const { stops } = monitoring;
      await stops.arm({ table: 'judgements', on: 'insert', row: { verdict: 'fail' } });
      const rolloutId = await failing(strategy);
      await stops.reached();
      await monitoring.kill();
      await stops.release();
      await stops.arm({ table: 'outbox_events', on: 'update', row: { subject: canaryJudged.type } });
      await monitoring.start();
      await stops.reached();
      await monitoring.kill();
      await stops.release();
      await monitoring.start();

      const told = async (type: string) =>
        (await monitoring.stored())
          .filter((event) => event.type === type && event.data['modelName'] === modelNameOf(strategy))
          .map(({ data }) => data['verdict'] ?? data['rule']);
      await eventually(async () => expect((await told(canaryJudged.type)).at(-1)).toBe('fail'), patience);
      await eventually(async () => expect(await told(alertRaised.type)).toEqual(['canary-failed']), patience);
      const judged = await monitoring.query<{ verdict: string }>(
        'select verdict from monitoring.judgements where rollout_id = $1 order by judgement_id',
        [rolloutId],
      );
      const verdicts = judged.map(({ verdict }) => verdict);
      expect(await told(canaryJudged.type)).toEqual(verdicts);
      expect(verdicts.filter((verdict) => verdict === 'fail')).toHaveLength(1);
    },
  );
});
