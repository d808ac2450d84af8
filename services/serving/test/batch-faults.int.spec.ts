import assert from 'node:assert/strict';
import { eventually, temporaryFolder } from '@bascule/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type BatchStack, batchStack, errorsOf, finishedPieces, jobWith, resultOf, submit } from './batch-stack.js';
import { spawnGateway } from './gateway-process.js';
import { scaleModel } from './onnx-models.js';
import { call, captured, ready } from './serving-stack.js';

const rowCount = 600;
const settings = { BATCH_PIECE_ROWS: '10', BATCH_LEASE_MS: '1000', BASCULE_ACK_WAIT_MS: '1000' };

describe('a batch job', () => {
  let stack: BatchStack;
  const alive = new Set<Awaited<ReturnType<typeof spawnGateway>>>();

  beforeAll(async () => {
    stack = await batchStack({ ...settings, BATCH_PIECES_AT_ONCE: '0' });
    // answers while the model is promoted, and takes no pieces
    await stack.startGateway();
    await stack.promote('scale');
  });
  afterAll(async () => {
    await Promise.all([...alive].map((child) => child.kill()));
    await stack?.stop();
  });

  const start = async (more: Record<string, string>, spillDir = temporaryFolder('spill')) => {
    const child = await spawnGateway(stack, spillDir, { ...settings, ...more });
    alive.add(child);
    const kill = () => alive.delete(child) && child.kill('SIGKILL');
    return { ...child, kill };
  };
  const control = () => start({ SERVING_ROLES: 'control', DATABASE_URL: stack.database.url });
  const gateway = async (spillDir?: string) => {
    const child = await start({ BATCH_PIECES_AT_ONCE: '1' }, spillDir);
    await ready(child);
    return child;
  };
  const doneAt = (url: string, jobId: string, least: number) =>
    eventually(
      async () => {
        const { body } = await call(`${url}/v1/batch-jobs/${jobId}`, stack.operator);
        assert.ok(body.rows.done >= least, JSON.stringify(body));
        return body;
      },
      { timeoutMs: 30_000 },
    );

  it('keeps the version it began with, although another one is promoted and its own is served no more', async () => {
    await stack.promote('kept');
    const first = await submit(stack, 'kept', 'x\n1\n2\n');
    await stack.promote('kept', 2, scaleModel(10));
    await stack.release('kept', 2);
    const second = await submit(stack, 'kept', 'x\n1\n2\n');
    const gateway = await stack.startGateway({ BATCH_PIECES_AT_ONCE: '1' });
    for (const [{ body }, version, answers] of [
      [first, 1, [2, 4]],
      [second, 2, [10, 20]],
    ] as const) {
      assert.equal((await jobWith(stack, body.jobId, 'succeeded')).version, version);
      assert.deepEqual(
        (await resultOf(stack, body.jobId)).map(({ y }) => y),
        answers,
      );
    }
    await gateway.close();
  });

  it('hands out again what a server lost', async () => {
    const { body } = await submit(stack, 'scale', 'x\n1\n2\n');
    const { streams } = stack.connection.jsm;
    const queued = async () => (await streams.info('JOBS')).state.messages;
    await eventually(async () => assert.equal(await queued(), 1));
    await streams.purge('JOBS');
    await eventually(async () => assert.equal(await queued(), 1), { timeoutMs: 30_000 });
    const gateway = await stack.startGateway({ BATCH_PIECES_AT_ONCE: '1' });
    await jobWith(stack, body.jobId, 'succeeded');
    await gateway.close();
  });

  const twoQueued = async () => {
    const body = `x\n${Array.from({ length: 200 }, (_, at) => `${at}\n`).join('')}`;
    const ids = [await submit(stack, 'scale', body), await submit(stack, 'scale', body)].map((answer) => answer.body.jobId as string);
    const [stays, goes] = ids.map((id) => `jobs.serving.batch-piece.v1.${id}`) as [string, string];
    await eventually(async () => assert.deepEqual(await queuedOf(), { [stays]: 20, [goes]: 20 }));
    return { ids: ids as [string, string], stays, goes };
  };
  const queuedOf = async () => (await stack.connection.jsm.streams.info('JOBS', { subjects_filter: '>' })).state.subjects ?? {};
  const everyRow = async (jobIds: readonly string[]) => {
    const gateway = await stack.startGateway({ BATCH_PIECES_AT_ONCE: '1' });
    for (const jobId of jobIds) {
      const job = await jobWith(stack, jobId, 'succeeded');
      assert.deepEqual(job.rows, { total: 200, done: 200, failed: 0 });
      assert.deepEqual(
        (await resultOf(stack, jobId)).map(({ row, y }) => [row, y]),
        Array.from({ length: 200 }, (_, at) => [at + 1, at * 2]),
      );
    }
    await gateway.close();
  };

  it('loses no piece when another one is cancelled', async () => {
    const { ids, stays } = await twoQueued();
    await call(`${stack.url}/v1/batch-jobs/${ids[1]}/cancel`, stack.operator, { method: 'POST' });
    await eventually(async () => assert.deepEqual(await queuedOf(), { [stays]: 20 }));
    await eventually(async () => {
      const [consumer] = await stack.connection.jsm.consumers.list('JOBS').next();
      assert.equal(consumer?.num_pending, 20, 'what waits of the other one is still to be delivered');
    });
    await everyRow([ids[0]]);
  });

  it('hands out again what the server keeps and gives to nobody', async () => {
    const { ids, goes } = await twoQueued();
    // servers before 2.9.12 let the consumer skip everything
    await stack.connection.jsm.streams.purge('JOBS', { filter: goes });
    await stack.nats.kill();
    await stack.nats.restart();
    await everyRow(ids);
  });

  it('hands out nothing again of what is done, after NATS and the control were restarted', async () => {
    const gateway = await stack.startGateway({ BATCH_PIECES_AT_ONCE: '1' });
    const { body } = await submit(stack, 'scale', 'x\n1\n2\n');
    await jobWith(stack, body.jobId, 'succeeded');
    await gateway.close();
    const { streams } = stack.connection.jsm;
    const handedOut = async () => (await streams.info('JOBS')).state.messages;
    await eventually(async () => assert.equal(await handedOut(), 0));
    await stack.control.close();
    // a stream of work keeps nothing of what is acknowledged, not even its ids
    await stack.nats.kill();
    await stack.nats.restart();
    const restarted = await stack.startControl();
    // the relay sends again what it retains before anything new
    const next = await submit(stack, 'scale', 'x\n3\n', { url: restarted.url });
    await eventually(async () => assert.ok((await handedOut()) > 0), { timeoutMs: 30_000 });
    const { subjects } = (await streams.info('JOBS', { subjects_filter: '>' })).state;
    assert.deepEqual(Object.keys(subjects ?? {}), [`jobs.serving.batch-piece.v1.${next.body.jobId}`]);
    await call(`${restarted.url}/v1/batch-jobs/${next.body.jobId}/cancel`, stack.operator, { method: 'POST' });
    stack.url = restarted.url;
    stack.control = restarted;
  });

  it('goes on after PostgreSQL and NATS were away', async () => {
    const gateway = await stack.startGateway({ BATCH_PIECES_AT_ONCE: '1' });
    const { body } = await submit(stack, 'scale', `x\n${Array.from({ length: 400 }, (_, at) => `${at}\n`).join('')}`);
    await doneAt(stack.url, body.jobId, 20);
    await stack.nats.kill();
    await stack.nats.restart();
    await doneAt(stack.url, body.jobId, 100);
    // every connection of control, the one that asks excepted
    await stack.control.app
      .get(DataSource, { strict: false })
      .query(
        'select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user and datname = current_database() and pid <> pg_backend_pid()',
      );
    const job = await jobWith(stack, body.jobId, 'succeeded');
    assert.deepEqual(job.rows, { total: 400, done: 400, failed: 0 });
    assert.deepEqual(
      (await resultOf(stack, body.jobId)).map(({ y }) => y),
      Array.from({ length: 400 }, (_, at) => at * 2),
    );
    await gateway.close();
  });

  it('survives kill -9 of a gateway and of control half-way: no row is lost, none is doubled', async () => {
    const lines = Array.from({ length: rowCount }, (_, at) => `k-${at + 1},${at + 1}`);
    // the control of the stack goes first: the job belongs to one that can be killed
    await stack.control.close();
    const first = await control();
    const spillDir = temporaryFolder('spill-killed');
    const killed = await gateway(spillDir);
    await gateway();
    const { body } = await submit(stack, 'scale', `id,x\n${lines.join('\n')}\n`, { query: 'id=id', url: first.url });
    const { jobId } = body;
    await doneAt(first.url, jobId, 60);
    await first.kill();
    const second = await control();
    await doneAt(second.url, jobId, 150);
    await killed.kill();
    await doneAt(second.url, jobId, 300);
    // on the same machine: what the killed one had written ahead and not sent is published by the next one
    await gateway(spillDir);
    const job = await jobWith({ ...stack, url: second.url }, jobId, 'succeeded');
    assert.deepEqual(job.rows, { total: rowCount, done: rowCount, failed: 0 });
    const rows = await resultOf({ ...stack, url: second.url }, jobId);
    assert.deepEqual(
      rows.map(({ row, record_id, y, error }) => [Number(row), record_id, y, error ?? null]),
      lines.map((_line, at) => [at + 1, `k-${at + 1}`, (at + 1) * 2, null]),
    );
    const ids = rows.map(({ prediction_id }) => String(prediction_id));
    assert.equal(new Set(ids).size, rowCount);
    // both that were alive to the end have helped
    assert.ok(new Set((await finishedPieces(stack, jobId)).map(({ gatewayId }) => gatewayId)).size >= 2);
    await eventually(
      async () => {
        const predictions = (await captured(stack)).flatMap((block) => block.predictions).filter(({ requestId }) => requestId === jobId);
        assert.deepEqual(new Set(predictions.map(({ predictionId }) => predictionId)), new Set(ids));
        // done twice or not, a reader that keeps (id, received) once keeps each row once
        assert.equal(new Set(predictions.map(({ predictionId, receivedAtMs }) => `${predictionId} ${receivedAtMs}`)).size, rowCount);
      },
      { timeoutMs: 60_000 },
    );
  });

  it('survives kill -9 of control while its results are put together', async () => {
    for (const child of [...alive]) {
      alive.delete(child);
      await child.kill();
    }
    const begin = () => start({ SERVING_ROLES: 'control', DATABASE_URL: stack.database.url, BATCH_PIECE_ROWS: '5000' });
    const first = await begin();
    await gateway();
    const count = 100_000;
    const lines = Array.from({ length: count }, (_, at) => (at === 77_777 ? 'none' : `${at + 1}`));
    const begun = async () => {
      const { body } = await submit(stack, 'scale', `x\n${lines.join('\n')}\n`, { query: 'output=csv&capture=off', url: first.url });
      for (;;) {
        const job = (await call(`${first.url}/v1/batch-jobs/${body.jobId}`, stack.operator)).body;
        if (job.status !== 'running') return job;
      }
    };
    let body = await begun();
    // between two looks it may have come to its end: then it is another one's turn
    for (let tries = 1; tries < 5 && body.status === 'succeeded'; tries++) body = await begun();
    assert.equal(body.status, 'assembling');
    await first.kill();
    const second = { ...stack, url: (await begin()).url };
    const ended = await jobWith(second, body.jobId, 'succeeded');
    assert.deepEqual(ended.rows, { total: count, done: count, failed: 1 });
    const rows = await resultOf(second, body.jobId);
    assert.equal(rows.length, count);
    assert.ok(rows.every(({ row, y }, at) => row === `${at + 1}` && (at === 77_777 ? y === '' : y === `${2 * (at + 1)}`)));
    assert.deepEqual(
      (await errorsOf(second, body.jobId)).map(({ row }) => row),
      [77_778],
    );
  });
});
