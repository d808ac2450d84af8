import { PlatformModule, platformConfigSchema, type RunningService, runService } from '@bascule/platform';
import { type TestDatabase, testDatabase } from '@bascule/testing';
import { Body, Controller, HttpCode, Injectable, Module, Post } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseModule, IdempotencyModule, IdempotencyTable, Idempotent, Transactions } from '../src/index.js';

class CreateSpans implements MigrationInterface {
  readonly name = 'CreateSpans1';
  async up(runner: QueryRunner) {
    await runner.query('create table spans (id int generated always as identity primary key, name text)');
  }
  async down() {}
}
const migrations = [IdempotencyTable, CreateSpans];

@Injectable()
class SpansService {
  failures = 0;
  constructor(private readonly transactions: Transactions) {}
  async add(name: string): Promise<{ id: number }> {
    return this.transactions.run(async (manager) => {
      const [row] = await manager.query('insert into spans (name) values ($1) returning id', [name]);
      if (this.failures-- > 0) throw new Error('a fault after the write');
      return row;
    });
  }
}

@Controller('v1/spans')
class SpansController {
  constructor(private readonly spans: SpansService) {}
  @Post()
  @HttpCode(202)
  @Idempotent()
  add(@Body() body: { name: string }) {
    return this.spans.add(body.name);
  }
}

let database: TestDatabase;
let service: RunningService;
beforeAll(async () => {
  database = await testDatabase('registry', migrations);
  @Module({ controllers: [SpansController], providers: [SpansService] })
  class SpansModule {}
  service = await runService(
    {
      service: 'registry',
      configSchema: platformConfigSchema,
      module: (config) => ({
        module: SpansModule,
        imports: [
          PlatformModule.forRoot({ service: 'registry', config }),
          DatabaseModule.forRoot({ service: 'registry', url: database.url, entities: [], migrations }),
          IdempotencyModule,
        ],
      }),
    },
    { NATS_URL: 'nats://unused', LOG_LEVEL: 'silent' },
  );
});
afterAll(async () => {
  await service?.close();
  await database?.stop();
});

async function add(name: string, key?: string) {
  const headers = { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) };
  const response = await fetch(`${service.url}/v1/spans`, { method: 'POST', headers, body: JSON.stringify({ name }) });
  return { status: response.status, body: await response.json(), isReplayed: response.headers.get('idempotency-replayed') === 'true' };
}
const count = async (name: string) =>
  Number((await service.app.get(Transactions).manager.query('select count(*) from spans where name = $1', [name]))[0].count);

describe('a creating request with a key', () => {
  it('is done once and answered twice alike', async () => {
    const first = await add('arch', 'key-1');
    const second = await add('arch', 'key-1');
    expect(first.status).toBe(202);
    expect(second).toEqual({ ...first, isReplayed: true });
    expect(await count('arch')).toBe(1);
  });

  it('is done once when sent many times at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => add('beam', 'key-2')));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await count('beam')).toBe(1);
  });

  it('is refused when the key was used for another body', async () => {
    await add('cable', 'key-3');
    expect(await add('chain', 'key-3')).toMatchObject({ status: 409, body: { code: 'platform.idempotency_conflict' } });
  });

  it('can be repeated after it failed, and the failed try left nothing', async () => {
    service.app.get(SpansService).failures = 1;
    expect((await add('deck', 'key-4')).status).toBe(500);
    expect((await add('deck', 'key-4')).status).toBe(202);
    expect(await count('deck')).toBe(1);
  });

  it('is done anew after a day', async () => {
    await add('east', 'key-5');
    await service.app.get(Transactions).manager.query("update idempotency_keys set created_at = now() - interval '25 hours'");
    expect(await add('east', 'key-5')).toMatchObject({ status: 202, isReplayed: false });
    expect(await count('east')).toBe(2);
  });

  it('needs a key that can be one', async () => {
    expect(await add('x', 'k'.repeat(201))).toMatchObject({ status: 400, body: { code: 'platform.invalid_idempotency_key' } });
  });
});

it('is done as often as it is sent without a key', async () => {
  await add('free');
  await add('free');
  expect(await count('free')).toBe(2);
});

it('does not start on a schema that is behind', async () => {
  class Later extends CreateSpans {
    override readonly name = 'Later2' as 'CreateSpans1';
  }
  const module = DatabaseModule.forRoot({ service: 'registry', url: database.url, entities: [], migrations: [...migrations, Later] });
  const start = runService(
    {
      service: 'registry',
      configSchema: platformConfigSchema,
      module: (config) => ({ ...module, imports: [PlatformModule.forRoot({ service: 'registry', config })] }),
    },
    { NATS_URL: 'nats://unused', LOG_LEVEL: 'silent' },
  );
  await expect(start).rejects.toThrow('schema registry misses Later2: run `node libs/launcher/dist/migrate.main.js`');
});
