import { join } from 'node:path';
import { type BareServer, startBare } from './bare.js';
import { type Gateway, GatewayStack } from './gateway.js';
import { httpRequest } from './load.js';
import type { Contestant, SliceOptions } from './slices.js';
import { binaryBodies, jsonBodies, type Workload, workloads } from './workload.js';

/** What is compared with one another, slice by slice. */
export interface Scenario {
  readonly name: string;
  readonly contestants: readonly Contestant[];
  readonly options?: Partial<SliceOptions>;
}

type Cores = { readonly server: number; readonly load: number } | undefined;

const modelsBeside = 49;
const manyKeys = 10_000;
const processes = 2;

/** Everything that is measured, started one after the other, so that nothing else is in memory while a scenario runs. */
export class Scenarios {
  private readonly stops: (() => unknown)[] = [];

  constructor(
    private readonly folder: string,
    private readonly cores: Cores,
  ) {}

  /** Ends what the last scenario started. */
  async clear(): Promise<void> {
    for (const stop of this.stops.splice(0).reverse()) await stop();
  }

  /** The gateway with everything on beside bare servers, for one model. */
  async againstBare(model: Workload): Promise<{ scenario: Scenario; gateway: Gateway; bare: BareServer }> {
    const { stack, token } = await this.stack();
    const modelName = await stack.route(model);
    const bare = await this.bare(model, false);
    const batched = await this.bare(model, true);
    const gateway = await stack.startGateway(this.cores?.server);
    const requests = requestsOf(model, modelName, token);
    const contestants = [
      bareOf('bare', bare, requests),
      bareOf('bare, batched', batched, requests),
      gatewayOf('gateway', gateway, requests),
    ];
    return { scenario: { name: model.modelName, contestants }, gateway, bare };
  }

  /** The same model on the same gateway, captured and not. */
  async capture(): Promise<Scenario> {
    const { stack, token } = await this.stack();
    const model = workloads.logisticRegression();
    const captured = await stack.route(model);
    const uncaptured = await stack.route(model, { modelName: 'not-captured', capture: 'off' });
    const gateway = await stack.startGateway(this.cores?.server);
    const contestants = [
      gatewayOf('capture off', gateway, requestsOf(model, uncaptured, token)),
      gatewayOf('capture on', gateway, requestsOf(model, captured, token)),
    ];
    return { name: 'capture', contestants };
  }

  /** Models beside the requests and all models in processes of their own. */
  async inline(model: Workload): Promise<Scenario> {
    const { stack, token } = await this.stack();
    const requests = requestsOf(model, await stack.route(model), token);
    const contestants = [
      gatewayOf('own process', await stack.startGateway(this.cores?.server, { INLINE_MODELS: 'off' }), requests),
      gatewayOf('beside requests', await stack.startGateway(this.cores?.server), requests),
    ];
    return { name: 'inline', contestants };
  }

  /**
   * One and several gateway processes on all cores, which they share with the load generator. Four times as many connections as
   * elsewhere, the same for all: each of the processes is to find as many requests at a time as make full batches. Bare servers in
   * as many processes show how much of two processes the machine gives to anybody.
   */
  async processes(model: Workload): Promise<Scenario> {
    // nothing stays on one core: the system is to spread what there is
    const { stack, token } = await this.stack('stack', 10, false);
    const requests = requestsOf(model, await stack.route(model), token);
    const contestants = [
      bareOf('bare, one process', await this.bare(model, true, 1), requests),
      bareOf(`bare, ${processes} processes`, await this.bare(model, true, processes), requests),
      gatewayOf('one process', await stack.startGateway(undefined), requests),
      gatewayOf(`${processes} processes`, await stack.startGateway(undefined, { SERVING_PROCESSES: String(processes) }), requests),
    ];
    return { name: `processes, ${model.modelName}`, contestants, options: { connections: 128 } };
  }

  /** Binary tensors and JSON for one matrix per request, not captured. */
  async binary(): Promise<Scenario> {
    const { stack, token } = await this.stack();
    const model = workloads.matrix();
    // half a megabyte of record each would be what is measured
    const modelName = await stack.route(model, { capture: 'off' });
    const gateway = await stack.startGateway(this.cores?.server);
    const { bodies, headerBytes } = binaryBodies(model);
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(headerBytes),
    };
    const contestants = [
      gatewayOf('JSON', gateway, requestsOf(model, modelName, token)),
      gatewayOf(
        'binary',
        gateway,
        bodies.map((body) => httpRequest(`/v2/models/${modelName}/infer`, headers, body)),
      ),
    ];
    return { name: 'binary', contestants, options: { connections: 8 } };
  }

  /** A gateway with much to remember, and one with little: a second model in turn, and keys in turn. */
  async scale(): Promise<Scenario> {
    const little = await this.stack();
    const model = workloads.logisticRegression();
    const modelName = await little.stack.route(model);
    const small = await little.stack.startGateway(this.cores?.server);
    const much = await this.stack('many');
    for (let number = 1; number <= modelsBeside; number++) await much.stack.route(model, { modelName: `model-${number}` });
    await much.stack.route(model);
    const withModels = await much.stack.startGateway(this.cores?.server);
    const crowded = await this.stack('keys', manyKeys);
    await crowded.stack.route(model);
    const withKeys = await crowded.stack.startGateway(this.cores?.server);
    const contestants = [
      gatewayOf('1 model, 10 keys', small, requestsOf(model, modelName, little.token)),
      gatewayOf('50 models', withModels, requestsOf(model, modelName, much.token)),
      gatewayOf('10,000 keys', withKeys, requestsOf(model, modelName, crowded.token)),
    ];
    return { name: 'scale', contestants };
  }

  private async stack(name = 'stack', keys = 10, isPinned = true): Promise<{ stack: GatewayStack; token: string }> {
    const stack = await GatewayStack.start(join(this.folder, `${name}-${Date.now()}`), isPinned ? this.cores?.load : undefined);
    this.stops.push(() => stack.stop());
    return { stack, token: await stack.addKeys(keys) };
  }

  /** @param processes how many, on no core of their own; one on the core of the servers when absent */
  private async bare(model: Workload, isBatched: boolean, processes?: number): Promise<BareServer> {
    const settings = processes === undefined ? { core: this.cores?.server } : { core: undefined, processes };
    const server = await startBare(this.folder, [model], { isBatched, ...settings });
    this.stops.push(() => server.stop());
    return server;
  }
}

// a place in a trace, as callers that trace send it: the record carries it
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function requestsOf(model: Workload, modelName: string, token: string): Buffer[] {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', traceparent };
  return jsonBodies(model).map((body) => httpRequest(`/v2/models/${modelName}/infer`, headers, body));
}

function bareOf(name: string, { port, pid }: BareServer, requests: readonly Uint8Array[]): Contestant {
  return { name, ports: [port], pids: [pid], requests };
}

function gatewayOf(name: string, { port, pid }: Gateway, requests: readonly Uint8Array[]): Contestant {
  return { name, ports: [port], pids: [pid], requests };
}
