import assert from 'node:assert/strict';
import { aliasMoved, type BatchPieceFinished, batchPieceFinished, canaryJudged } from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { openTable } from '@bascule/tables';
import { eventually, temporaryFolder, testDatabase } from '@bascule/testing';
import { migrations } from '../src/migrations/index.js';
import { ModelsService } from '../src/runtime/models.service.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { approve } from './rollout-stack.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

/** A control with its database, on a serving stack; gateways are started by the tests. */
export async function batchStack(settings: Record<string, string> = {}) {
  const stack: ServingStack = await servingStack();
  const database = await testDatabase('serving', migrations);
  const operator = await stack.key(['operator']);
  const control = await startControl();
  const gateways: Running[] = [];
  const publisher = control.app.get(Publisher, { strict: false });

  function startControl(more: Record<string, string> = {}): Promise<Running> {
    return stack.start({ SERVING_ROLES: 'control', DATABASE_URL: database.url, ...settings, ...more });
  }

  function startGatewayNow(more: Record<string, string> = {}): Promise<Running> {
    return stack.start({ SPILL_DIR: temporaryFolder('spill'), ...settings, ...more });
  }

  /** A gateway that takes pieces and answers clients. */
  async function startGateway(more: Record<string, string> = {}): Promise<Running> {
    const gateway = await startGatewayNow(more);
    await ready(gateway);
    gateways.push(gateway);
    return gateway;
  }

  /** Makes a version the champion; needs a gateway that loads it. */
  async function promote(modelName: string, version = 1, model = scaleModel(2), signature = scaleSignature): Promise<void> {
    await approve(stack, publisher, { modelName, version, model, signature });
    const rolloutWith = (status: string) =>
      eventually(
        async () => {
          const { items } = (await call(`${control.url}/v1/rollouts?model=${modelName}`, operator)).body;
          const found = items.find((item: { version: number }) => item.version === version);
          assert.equal(found?.status, status);
          return found as { rolloutId: string };
        },
        { timeoutMs: 30_000 },
      );
    if (version > 1) {
      const { rolloutId } = await rolloutWith('running');
      const verdict = { step: 0, verdict: 'pass' as const, reasons: ['as good'], evidence: {} };
      await publisher.publishEvent({ definition: canaryJudged, data: { rolloutId, modelName, version, ...verdict } });
    }
    await rolloutWith('completed');
  }

  /** Takes every version but this one out of the routes of a model, and waits until gateways have let them go. */
  async function release(modelName: string, version: number): Promise<void> {
    const ids = { promotionId: newId(), rolloutId: newId() };
    const data = { modelName, version, alias: 'champion', environment: 'production' as const, artifactDigest: 'a'.repeat(64), ...ids };
    await publisher.publishEvent({ definition: aliasMoved, data });
    await eventually(
      () => {
        const loaded = gateways.flatMap(({ app }) => app.get(ModelsService, { strict: false }).list());
        assert.deepEqual([...new Set(loaded.flatMap((each) => (each.modelName === modelName ? [each.routed.version] : [])))], [version]);
      },
      { timeoutMs: 30_000 },
    );
  }

  async function stop(): Promise<void> {
    await stack.stop();
    await database.stop();
  }

  return {
    ...stack,
    url: control.url,
    control,
    database,
    operator,
    gateways,
    startControl,
    startGateway,
    startGatewayNow,
    promote,
    release,
    stop,
  };
}
export type BatchStack = Awaited<ReturnType<typeof batchStack>>;

export interface SubmitOptions {
  readonly token?: string;
  readonly type?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly url?: string;
}

/** Submits a body and answers status, headers and parsed body; once more where it was removed with an earlier job in that moment. */
export async function submit(stack: BatchStack, model: string, body: string | Uint8Array, options: SubmitOptions = {}) {
  const { token = stack.operator, type = 'text/csv', query = '', headers = {}, url = stack.url } = options;
  for (;;) {
    const response = await fetch(`${url}/v1/models/${model}/batch-jobs?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type, ...headers },
      body: body as BodyInit,
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
    const answer = { status: response.status, headers: response.headers, body: (await response.json()) as any };
    if (answer.body.code !== 'serving.batch_input_removed') return answer;
  }
}

/** Waits until a job has this status. */
export async function jobWith(stack: BatchStack, jobId: string, status: string, timeoutMs = 120_000) {
  return eventually(
    async () => {
      const { body } = await call(`${stack.url}/v1/batch-jobs/${jobId}`, stack.operator);
      assert.equal(body.status, status, JSON.stringify(body));
      return body;
    },
    { timeoutMs },
  );
}

/** The rows of a file of results, each an object. */
export async function resultOf(stack: BatchStack, jobId: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${stack.url}/v1/batch-jobs/${jobId}/result`, { headers: { authorization: `Bearer ${stack.operator}` } });
  assert.equal(response.status, 200);
  const { Readable } = await import('node:stream');
  const isCsv = response.headers.get('content-type')?.startsWith('text/csv') ?? false;
  const table = await openTable(Readable.fromWeb(response.body as never), isCsv ? { format: 'csv', header: true } : { format: 'parquet' });
  const rows: Record<string, unknown>[] = [];
  for await (const block of table.rows()) {
    for (const { cells } of block) rows.push(Object.fromEntries(table.columns.map((name, at) => [name, cells[at]])));
  }
  return rows;
}

/** The rows that failed, as the job tells them. */
export async function errorsOf(stack: BatchStack, jobId: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${stack.url}/v1/batch-jobs/${jobId}/errors`, { headers: { authorization: `Bearer ${stack.operator}` } });
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What gateways reported about the pieces of a job. */
export async function finishedPieces({ connection }: BatchStack, jobId: string): Promise<BatchPieceFinished['data'][]> {
  const { streams } = connection.jsm;
  const { state } = await streams.info('SERVING');
  const found: BatchPieceFinished['data'][] = [];
  for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
    const message = await streams.getMessage('SERVING', { seq: sequence });
    if (message?.subject !== batchPieceFinished.type) continue;
    const data = message.json<BatchPieceFinished['data']>();
    if (data.jobId === jobId) found.push(data);
  }
  return found;
}
