import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import { serverAddress } from './server-address.js';

/** Injection token of the service's `NatsConnectionHolder`. */
export const NATS = Symbol('NATS');

const requestTimeoutMs = 5000;

/** One connection to NATS that reconnects for ever, with the clients made from it. */
export class NatsConnectionHolder {
  private readonly reconnected = new Set<() => void>();
  private readonly lost = new Set<() => void>();
  private connected = true;
  /** Grows with every reconnect: what was acknowledged before may be gone from a restarted server. */
  epoch = 0;

  private constructor(
    readonly nc: NatsConnection,
    readonly js: JetStreamClient,
    readonly jsm: JetStreamManager,
    readonly kvm: Kvm,
  ) {
    void this.follow();
  }

  /** Connects; waits for the server when it is not there yet. */
  static async open(url: string, name: string, options: { waitForServer?: boolean } = {}): Promise<NatsConnectionHolder> {
    const nc = await connect({
      ...serverAddress(url),
      name,
      waitOnFirstConnect: options.waitForServer ?? true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      ignoreAuthErrorAbort: true,
      // a half-open connection is noticed within half a minute
      pingInterval: 10_000,
      maxPingOut: 2,
      timeout: requestTimeoutMs,
      // no errors with their stacks made ahead for every request, in case it fails: what failed is told by who asked
      noAsyncTraces: true,
    });
    const js = jetstream(nc, { timeout: requestTimeoutMs });
    const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: requestTimeoutMs });
    return new NatsConnectionHolder(nc, js, jsm, new Kvm(js));
  }

  get isConnected(): boolean {
    return this.connected && !this.nc.isClosed();
  }

  /** Calls `listener` after each reconnect. Returns how to stop that. */
  onReconnect(listener: () => void): () => void {
    this.reconnected.add(listener);
    return () => this.reconnected.delete(listener);
  }

  /**
   * Asks NATS something. Without a connection, or when it is lost before the answer, this fails at once:
   * the client drops what it has not sent and would only wait for an answer that cannot come.
   * @throws ConnectionError
   */
  async whileConnected<T>(ask: () => Promise<T>): Promise<T> {
    if (!this.isConnected) throw new errors.ConnectionError('not connected to NATS');
    let onLost = () => {};
    const lost = new Promise<never>((_resolve, reject) => {
      onLost = () => reject(new errors.ConnectionError('the connection to NATS was lost before the answer came'));
    });
    this.lost.add(onLost);
    try {
      return await Promise.race([ask(), lost]);
    } finally {
      this.lost.delete(onLost);
    }
  }

  /** Sends what is buffered, then closes. */
  async close(): Promise<void> {
    if (this.nc.isClosed()) return;
    if (!this.connected) return this.nc.close();
    await this.nc.drain().catch(() => this.nc.close());
  }

  private onDisconnect(): void {
    this.connected = false;
    for (const listener of this.lost) listener();
  }

  private async follow(): Promise<void> {
    for await (const status of this.nc.status()) {
      if (status.type === 'disconnect') this.onDisconnect();
      if (status.type !== 'reconnect') continue;
      this.connected = true;
      this.epoch++;
      for (const listener of this.reconnected) listener();
    }
  }
}

/** A connection for tools: fails at once when nobody listens at `url`. */
export function openConnection(url: string, name: string): Promise<NatsConnectionHolder> {
  return NatsConnectionHolder.open(url, name, { waitForServer: false });
}
