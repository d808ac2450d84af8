import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource } from '@bascule/database';
import { type Stack, startStack } from '@bascule/launcher';
import { type Figure, reportFigures } from '../figures.js';

// Lists and searches of the registry over HTTP, with a thousand versions and with a hundred thousand: a page must cost the same.

const sizes = [1_000, 100_000] as const;
const modelCount = 1_000;
const rounds = 40;
const warmUps = 10;
const dataset = 'ab'.repeat(32);
const cursorAt = (position: number) => Buffer.from(JSON.stringify(String(position))).toString('base64url');

/** What is asked, by what it is called; `size` is the number of versions there are. */
const questions: Record<string, (size: number) => string> = {
  'versions of one model': () => '/v1/models/bench-1/versions?limit=50',
  'versions of all models': () => '/v1/versions?limit=50',
  'a page deep inside': (size) => `/v1/versions?limit=50&cursor=${cursorAt(size / 2)}`,
  'by tag': () => '/v1/versions?limit=50&tag=batch:7',
  'by stage': () => '/v1/versions?limit=50&stage=production',
  'by source': () => '/v1/versions?limit=50&source=import',
  'by dataset version': () => `/v1/versions?limit=50&datasetVersion=${dataset}`,
  'models by name': () => '/v1/models?limit=50&search=bench-77',
  'where an alias pointed at a time': () =>
    `/v1/models/bench-1/aliases/champion?at=${new Date(Date.now() - 86_400_000 + 400_500).toISOString()}`,
};

async function fill(stack: Stack, from: number, to: number): Promise<void> {
  const source = createDataSource({ service: 'registry', url: stack.database.ownerUrl, entities: [], poolSize: 1 });
  await source.initialize();
  try {
    const run = (sql: string, values: unknown[] = []) => source.query(sql, values);
    await run('set search_path to registry');
    await run(
      `insert into models (name, title, latest_version, created_at)
         select 'bench-' || n, 'n', 1, now() from generate_series(0, $1::int - 1) n on conflict do nothing`,
      [modelCount],
    );
    await run(
      `insert into versions (model_name, version, registered_by, stage, artifact_digest, artifact_size_bytes, dataset_version, signature, metrics,
         params, created_at, source, tags)
       select 'bench-' || n % 10, 1 + n / 10, 'bench', case when n % 20 = 0 then 'production' else 'candidate' end,
         md5(n::text) || md5(n::text), 1, case when n % 20 = 1 then $3::text end,
         '{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,1]}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,1]}]}', '{}', '{}', now(),
         case when n % 20 = 2 then 'import' else 'run' end, jsonb_build_object('batch', (n % 20)::text)
       from generate_series($1::int, $2::int - 1) n`,
      [from, to, dataset],
    );
    await run(
      `insert into alias_moves (move_id, model_name, environment, alias, version, from_at, to_at, rollout_id)
       select gen_random_uuid(), 'bench-1', 'production', 'champion', 1 + n / 10, now() - interval '1 day' + n * interval '800 milliseconds',
         now() - interval '1 day' + (n + 1) * interval '800 milliseconds', gen_random_uuid() from generate_series($1::int, $2::int - 1) n`,
      [from, to],
    );
    await run('analyze');
  } finally {
    await source.destroy();
  }
}

async function ask(stack: Stack, path: string): Promise<number> {
  const { url } = stack.info.services.registry;
  const before = performance.now();
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${stack.info.keys.scientist}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 200)}`);
  return performance.now() - before;
}

/** Median milliseconds of every question, asked in turn so that a disturbance meets all of them. */
async function measure(stack: Stack, size: number): Promise<Map<string, number>> {
  const times = new Map(Object.keys(questions).map((name) => [name, [] as number[]]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const [name, path] of Object.entries(questions)) {
      const took = await ask(stack, path(size));
      if (round >= 0) times.get(name)!.push(took);
    }
  }
  return new Map([...times].map(([name, all]) => [name, all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!]));
}

const folder = mkdtempSync(join(tmpdir(), 'bascule-benchmark-'));
const figures: Figure[] = [];
try {
  const stack = await startStack({ dataDir: join(folder, 'data'), firstPort: 31_000 });
  try {
    let filled = 0;
    const medians: Map<string, number>[] = [];
    for (const size of sizes) {
      await fill(stack, filled, size);
      filled = size;
      medians.push(await measure(stack, size));
    }
    const [few, many] = medians;
    for (const [name, value] of many!) {
      const baseline = few!.get(name)!;
      // a page costs the same, whatever lies behind it; half as much again is what a busy machine makes of that
      figures.push({ name, value, unit: 'ms', better: 'lower', baseline, ratio: value / baseline, target: 1.5 });
    }
  } finally {
    await stack.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
reportFigures(figures, process.argv.slice(2));
