import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets } from '@bascule/contracts';
import { createDataSource } from '@bascule/database';
import { KvWriter } from '@bascule/messaging';
import type { Figure } from '../figures.js';
import { until } from '../service-stack.js';
import type { TrainingStack } from './training.js';

// Pages of runs with a thousand runs and with a hundred thousand: a page must cost the same.

const sizes = [1_000, 100_000] as const;
const pipelineCount = 20;
const rounds = 30;
const warmUps = 10;

const idOf = (run: number) => {
  const hex = run.toString(16).padStart(12, '0');
  return `01900000-${hex.slice(4, 8)}-7000-8000-${hex}`;
};
const cursorAt = (run: number) => Buffer.from(JSON.stringify(idOf(run))).toString('base64url');
const encoded = encodeURIComponent;

/** What is asked, by what it is called; `size` is the number of runs there are. */
const questions: Record<string, (size: number) => string> = {
  'newest runs': () => 'runs?limit=50',
  'a page deep inside': (size) => `runs?limit=50&cursor=${cursorAt(size / 2)}`,
  'runs of one pipeline': () => 'runs?limit=50&pipeline=bench-7',
  'failed runs of one model': () => 'runs?limit=10&model=bench-0&status=failed',
  'failed runs': () => 'runs?limit=10&status=failed',
  'by a metric that many reach': () => `runs?limit=50&filter=${encoded('metric.auc>=0.5')}`,
  // so few of a page that the small table can fill it as well
  'by a metric that few reach': () => `runs?limit=5&filter=${encoded('metric.auc>=0.99')}`,
  'by a metric that nobody reaches': () => `runs?limit=50&filter=${encoded('metric.auc>=2')}`,
  'by a parameter in words': () => `runs?limit=50&filter=${encoded('param.trainer=gradient-boosting')}`,
  'by a rare tag': () => `runs?limit=50&filter=${encoded('tag.ticket=7')}`,
  'by two metrics, neither rare': () => `runs?limit=50&filter=${encoded('metric.auc>=0.8')}&filter=${encoded('param.l2<0.5')}`,
  'best first': () => 'runs?limit=50&sort=-metric.auc',
  'best first, of one pipeline': () => 'runs?limit=50&sort=-metric.auc&pipeline=bench-7',
  'best first, of one model': () => 'runs?limit=50&sort=-metric.auc&model=bench-7',
  'best first, by a parameter': () => `runs?limit=50&sort=metric.logLoss&filter=${encoded('param.l2<0.5')}`,
  'ten runs compared': () => `runs/compare?ids=${Array.from({ length: 10 }, (_, at) => idOf(at * 97)).join(',')}`,
};

async function fill(stack: TrainingStack, from: number, to: number): Promise<void> {
  const source = await createDataSource({ service: 'training', url: stack.ownerUrl, entities: [], poolSize: 1 }).initialize();
  try {
    const run = (sql: string, values: unknown[] = []) => source.query(sql, values);
    await run('set search_path to training; set statement_timeout = 0');
    // numbers that look drawn, and are the same each time
    const drawn = (salt: number) => `(hashint4extended(n, ${salt}) & 65535) / 65536.0`;
    const id = `('01900000-' || lpad(to_hex(n >> 16), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;
    await run(
      `insert into runs (id, pipeline_name, pipeline_version, model_name, dataset_name, dataset_version, evaluation_dataset_version, recipe, status, attempt,
         failures, requested_by, priority, compute_ms, available_at, last_event_id, correlation_id, requested_at, started_at, finished_at, tags, result)
       select ${id}, 'bench-' || n % ${pipelineCount}, 1, 'bench-' || n % ${pipelineCount}, 'listed', repeat('a', 64), repeat('a', 64), $3::jsonb,
         case when n % 100 = 0 then 'failed' else 'succeeded' end, 1, 0, 'bench', 0, 1000, at, ${id}, ${id}, at, at, at,
         jsonb_build_object('ticket', (n % 5000)::text),
         $4::jsonb || jsonb_build_object('metrics', jsonb_build_object('auc', ${drawn(1)}, 'logLoss', ${drawn(2)}))
       from generate_series($1::int, $2::int - 1) n, lateral (select now() - interval '90 days' + n * interval '1 minute' as at) t`,
      [from, to, JSON.stringify(recipe), JSON.stringify(result)],
    );
    const values: [string, string, string, string][] = [
      ['metric', 'auc', drawn(1), 'null'],
      ['metric', 'logLoss', drawn(2), 'null'],
      ['metric', 'rowCount', '1000', 'null'],
      ['param', 'l2', drawn(3), 'null'],
      ['param', 'trainer', 'null', `case when n % 10 = 3 then 'gradient-boosting' else 'logistic-regression' end`],
      ['tag', 'ticket', 'null', '(n % 5000)::text'],
    ];
    for (const [kind, name, number, text] of values) {
      await run(
        `insert into run_values (run_id, kind, name, number, text, pipeline_name, model_name)
         select ${id}, '${kind}', '${name}', ${number}::double precision, ${text}::text, 'bench-' || n % ${pipelineCount}, 'bench-' || n % ${pipelineCount}
         from generate_series($1::int, $2::int - 1) n`,
        [from, to],
      );
    }
    await run('vacuum analyze');
  } finally {
    await source.destroy();
  }
}

const recipe = {
  trainer: 'logistic-regression',
  features: Array.from({ length: 12 }, (_, at) => ({ name: `feature_${at}`, kind: 'numeric' })),
  label: { column: 'paid', positive: [1] },
  params: { l2: 1 },
  split: { holdoutFraction: 0.3 },
  excludedWindows: [],
};
const period = { from: '2020-01-01T00:00:00Z', to: '2020-02-01T00:00:00Z', rowCount: 1000 };
const result = {
  ...{ artifactDigest: 'b'.repeat(64), artifactSizeBytes: 1000, profileDigest: 'c'.repeat(64), reportDigest: 'd'.repeat(64) },
  signature: { inputs: recipe.features.map(({ name }) => ({ name, datatype: 'FP32', shape: [-1, 1] })), outputs: [] },
  ...{ trainedOn: period, evaluatedOn: period, notes: [], params: recipe.params },
};

/** A key that may see few runs among many others. */
async function narrowKey({ connection }: TrainingStack, names: Pick<AccessEntry, 'models' | 'datasets'>): Promise<string> {
  const { keyId, secret, token } = newKey();
  const entry: AccessEntry = {
    ...{ keyId, identity: 'narrow', secretHash: hashSecret(secret), roles: ['scientist'], revokedAt: null },
    ...names,
  };
  await new KvWriter(connection).put(buckets.access, keyId, entry);
  return token;
}

/** Median milliseconds of every question, asked in turn so that a disturbance meets all of them. */
async function measure(stack: TrainingStack, size: number, narrow: Readonly<Record<string, string>>): Promise<Map<string, number>> {
  const times = new Map<string, number[]>();
  const ask = async (name: string, round: number, path: string, token?: string) => {
    const before = performance.now();
    await stack.call('GET', path, undefined, token);
    if (round >= 0) times.set(name, [...(times.get(name) ?? []), performance.now() - before]);
  };
  for (let round = -warmUps; round < rounds; round++) {
    for (const [name, path] of Object.entries(questions)) await ask(name, round, path(size));
    for (const [name, token] of Object.entries(narrow)) await ask(name, round, 'runs?limit=5', token);
  }
  return new Map([...times].map(([name, all]) => [name, all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!]));
}

/** Pages of few runs and of many. */
export async function listFigures(stack: TrainingStack): Promise<Figure[]> {
  const { trainer, features, label, params } = recipe;
  for (let at = 0; at < pipelineCount; at++) {
    const name = `bench-${at}`;
    const made = { name, modelName: name, datasetName: 'listed', trainer, features, label, params };
    await stack.call('POST', 'pipelines', { ...made, triggers: { onFirstDataset: false } });
  }
  const narrow = {
    'runs of the only model that a key may see': await narrowKey(stack, { models: ['claims'], datasets: ['*'] }),
    'runs of the only dataset that a key may see': await narrowKey(stack, { models: ['*'], datasets: ['claims'] }),
  };
  for (const token of Object.values(narrow)) {
    await until(async () => (await stack.call('GET', 'runs?limit=1', undefined, token)) !== undefined);
  }
  let filled = 0;
  const medians: Map<string, number>[] = [];
  for (const size of sizes) {
    await fill(stack, filled, size);
    filled = size;
    medians.push(await measure(stack, size, narrow));
  }
  const [few, many] = medians as [Map<string, number>, Map<string, number>];
  return [...many].map(([name, value]) => {
    const baseline = few.get(name)!;
    // half as much again is what a busy machine makes of the same
    return { name, value, unit: 'ms', better: 'lower' as const, baseline, ratio: value / baseline, target: 1.5 };
  });
}
