import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, Metrics } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { afterEach, describe, it } from 'vitest';
import { type Config, configSchema } from '../src/config.js';
import type { Tensor } from '../src/inference/tensor.js';
import { GuardedModel } from '../src/runtime/guarded-model.js';
import type { HostedModel } from '../src/runtime/hosted-model.js';
import { ModelHostService } from '../src/runtime/model-host.service.js';
import { residentBytes } from '../src/runtime/process-memory.js';
import { countingModel, fillingModel, quantisedModel, scaleModel, tableModel } from './onnx-models.js';

const hostile = 'data/onnx/hostile';
const numbers = (...values: number[]): Tensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) },
];
const whole = (value: number, shape: number[] = []): Tensor[] => [
  { name: 'n', datatype: 'INT64', shape, data: BigInt64Array.of(BigInt(value)) },
];
const endless = whole(2 ** 50);
const answerOf = ([output]: Tensor[]) => output?.data[0];
const medianOf = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const bytesOf = (model: Uint8Array) => async () => model;

describe('the processes that run models', () => {
  const hosts: ModelHostService[] = [];
  function host(settings: Partial<Record<keyof Config, string>> = {}): ModelHostService {
    const config = configSchema.parse({ NATS_URL: 'nats://none', OBJECT_ROOT: 'none', SERVING_ROLES: 'gateway', ...settings });
    const made = new ModelHostService(
      config,
      createLogger({ service: 'serving', instanceId: 'test', level: 'silent' }),
      new Metrics('test'),
    );
    hosts.push(made);
    return made;
  }
  const scale = (on: ModelHostService, factor: number) => on.load(`scale@${factor}`, bytesOf(scaleModel(factor)));

  /** Asks for the factor of a model again and again until told to stop, and fails with the first request that fails. */
  function trickle(current: () => { model: HostedModel; factor: number }, input = numbers(1)) {
    let isOver = false;
    let answered = 0;
    const done = (async () => {
      while (!isOver) {
        const { model, factor } = current();
        assert.equal(answerOf(await model.run(input, ['y'])), factor);
        answered++;
      }
    })();
    done.catch(() => undefined);
    return {
      count: () => answered,
      stop: async () => {
        isOver = true;
        await done;
        return answered;
      },
    };
  }

  afterEach(async () => {
    for (const made of hosts.splice(0)) await made.onApplicationShutdown();
  });

  it('are one for each model, until there are as many as allowed', async () => {
    const on = host({ MODEL_PROCESSES: '2' });
    const models = [await scale(on, 1), await scale(on, 2), await scale(on, 3)];
    assert.equal(on.pids.length, 2);
    for (const [position, model] of models.entries()) assert.equal(answerOf(await model.run(numbers(1), ['y'])), position + 1);
    await models[1]?.unload();
    assert.equal(on.pids.length, 1);
  });

  it('unload what was loaded before, not what was loaded since under the same name', async () => {
    const on = host({ MODEL_PROCESSES: '1' });
    const [former, next] = [await scale(on, 2), await scale(on, 2)];
    await former.unload();
    assert.equal(answerOf(await next.run(numbers(1), ['y'])), 2);
  });

  it('let a run that does not end hold up nobody else', async () => {
    const on = host({ MODEL_DEADLINE_MS: '1500' });
    const [counting, scaling] = [await on.load('count@1', bytesOf(countingModel())), await scale(on, 2)];
    const others = trickle(() => ({ model: scaling, factor: 2 }));
    let isHanging = true;
    const hung = assert.rejects(counting.run(endless, ['y']), /serving.inference_timed_out/).finally(() => {
      isHanging = false;
    });
    await eventually(() => others.count() > 30, { intervalMs: 5 });
    assert.equal(isHanging, true);
    await hung;
    await others.stop();
    assert.equal(answerOf(await counting.run(whole(3), ['y'])), 3);
  });

  it('ask nothing again that nobody waits for any more', async () => {
    const on = host({ MODEL_DEADLINE_MS: '300' });
    const counting = await on.load('count@1', bytesOf(countingModel()));
    const gone = { isAbandoned: () => true };
    let isGone = false;
    const left = [
      counting.run(endless, ['y']),
      counting.run(endless, ['y'], { isAbandoned: () => isGone }),
      counting.run(endless, ['y'], gone),
    ];
    isGone = true;
    const reasons = (await Promise.allSettled(left)).map((result) => (result.status === 'rejected' ? result.reason.code : 'answered'));
    assert.deepEqual(reasons, ['serving.inference_timed_out', 'serving.deadline_exceeded', 'serving.deadline_exceeded']);
    assert.equal(answerOf(await counting.run(whole(3), ['y'])), 3);
  });

  it.skipIf(process.platform !== 'linux')('are not ended for a run that nobody waits for while the system gives them no time', async () => {
    const on = host({ MODEL_DEADLINE_MS: '60000' });
    const model = await scale(on, 2);
    const [pid = 0] = on.pids;
    process.kill(pid, 'SIGSTOP');
    let isGone = false;
    let looks = 0;
    const isAbandoned = () => {
      if (isGone) looks++;
      return isGone;
    };
    const runs = [model.run(numbers(1), ['y'], { isAbandoned, expectedMs: 1 }), model.run(numbers(3), ['y'])];
    await new Promise((resolve) => setImmediate(resolve));
    isGone = true;
    // it is looked at now and then, once it has taken longer than usual
    await eventually(() => assert.ok(looks > 5));
    process.kill(pid, 'SIGCONT');
    assert.deepEqual((await Promise.all(runs)).map(answerOf), [2, 6]);
    assert.deepEqual(on.pids, [pid]);
  });

  it('part a model that held one up from the neighbours it shared it with', async () => {
    const on = host({ MODEL_PROCESSES: '1', MODEL_DEADLINE_MS: '300' });
    const [counting, scaling] = [await on.load('count@1', bytesOf(countingModel())), await scale(on, 2)];
    assert.equal(on.pids.length, 1);
    const others = trickle(() => ({ model: scaling, factor: 2 }));
    await assert.rejects(counting.run(endless, ['y']), /serving.inference_timed_out/);
    await eventually(() => on.pids.length === 2);
    const hung = assert.rejects(counting.run(endless, ['y']), /serving.inference_timed_out/);
    await others.stop();
    assert.equal(answerOf(await scaling.run(numbers(1), ['y'])), 2);
    await hung;
  });

  it('are killed above their memory, with a reason, and answer others on', async () => {
    const on = host({ MODEL_PROCESS_MAX_BYTES: '300000000' });
    const [filling, scaling] = [await on.load('fill@1', bytesOf(fillingModel())), await scale(on, 2)];
    assert.equal(answerOf(await filling.run(whole(1_000, [1]), ['y'])), 1_000);
    const others = trickle(() => ({ model: scaling, factor: 2 }));
    await assert.rejects(filling.run(whole(2e9, [1]), ['y']), /serving.model_memory_exceeded|serving.inference_failed/);
    await assert.rejects(filling.run(whole(2 ** 45, [1]), ['y']), /serving.model_memory_exceeded|serving.inference_failed/);
    assert.equal(answerOf(await filling.run(whole(7, [1]), ['y'])), 7);
    await others.stop();
  });

  it('are not started again for a model that took them down three times in a row', async () => {
    const on = host({ MODEL_DEADLINE_MS: '100' });
    const guarded = new GuardedModel(await on.load('count@1', bytesOf(countingModel())), 15_000);
    for (let failure = 0; failure < 3; failure++) await assert.rejects(guarded.run(endless, ['y']), /serving.inference_timed_out/);
    const refused = (await guarded.run(whole(3), ['y']).catch((error) => error)) as { code: string; params: Record<string, number> };
    assert.equal(refused.code, 'serving.model_suspended');
    assert.ok((refused.params['retryAfterSeconds'] ?? 0) >= 1);
    assert.throws(() => guarded.admit(), /serving.model_suspended/);
    // half open after its pause: one that ends opens it for all
    await eventually(async () => assert.equal(answerOf(await guarded.run(whole(3), ['y'])), 3));
    guarded.admit();
  });

  it.each([
    { name: 'one for all of them', processes: '1', swaps: 200 },
    { name: 'one for each', processes: '16', swaps: 20 },
  ])('keep their memory over model swaps without a failed request: $name', async ({ processes, swaps }) => {
    const on = host({ MODEL_PROCESSES: processes });
    // of four megabytes, of which the runtime does not give back all
    const load = (value: number) => on.load(`table@${value}`, async () => tableModel(value, 1_000_000));
    let current = { model: await load(1), factor: 1 };
    const firstPid = on.pids[0] ?? 0;
    const requests = trickle(() => current, whole(0));
    const total = async () => [...(await residentBytes(on.pids)).values()].reduce((sum, bytes) => sum + bytes, 0);
    const sizes: number[] = [];
    for (let swap = 1; swap <= swaps; swap++) {
      const former = current;
      const model = await load(swap + 1);
      current = { model, factor: swap + 1 };
      await former.model.unload();
      if (swap % (swaps / 20) === 0) sizes.push(await total());
    }
    assert.ok((await requests.stop()) > swaps);
    const [early, late] = [medianOf(sizes.slice(0, 5)), medianOf(sizes.slice(-5))];
    assert.ok(late < early + 80_000_000, `${sizes.map((size) => Math.round(size / 1e6)).join(' ')} MB`);
    assert.ok(!on.pids.includes(firstPid), 'the worn out process was not replaced');
  });

  it('fall back to the processor where the wanted provider is not, and say so', async () => {
    const on = host({ EXECUTION_PROVIDERS: 'cuda' });
    const model = await scale(on, 2);
    assert.equal(answerOf(await model.run(numbers(1), ['y'])), 2);
    if (model.graph.provider === 'cuda') return;
    assert.equal(model.graph.provider, 'cpu');
    assert.deepEqual(
      model.graph.refusedProviders.map(({ provider }) => provider),
      ['cuda'],
    );
    assert.ok(model.graph.refusedProviders[0]?.reason);
  });

  it('compute an int8 model as it is', async () => {
    const model = await host().load('int8@1', bytesOf(quantisedModel()));
    assert.deepEqual(
      model.graph.inputs.map(({ datatype }) => datatype),
      ['FP32'],
    );
    assert.equal(answerOf(await model.run(numbers(2.2), ['y'])), 6);
  });

  it.skipIf(absent(hostile))(`outlive every broken model file, and say what is wrong with it${absent(hostile)}`, async () => {
    const folder = referencePath(hostile);
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { file: string }[];
    const on = host({ MODEL_PROCESSES: '1' });
    const scaling = await scale(on, 2);
    const [pid] = on.pids;
    const others = trickle(() => ({ model: scaling, factor: 2 }));
    const loaded: string[] = [];
    for (const { file } of index) {
      const model = await on.load(`${file}@1`, bytesOf(readFileSync(join(folder, file)))).catch((error) => {
        assert.match(String(error), /serving.inference_failed: .{5,}/);
        return undefined;
      });
      if (model) loaded.push(file);
      await model?.unload();
    }
    await others.stop();
    // flipped bits and trailing bytes are the digest's to find
    assert.ok(
      loaded.every((file) => /bitflip|trailing|no_outputs/.test(file)),
      loaded.join(),
    );
    assert.deepEqual(on.pids, [pid]);
  });
});
