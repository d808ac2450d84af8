import type { KV, KvEntry, KvWatchEntry } from '@nats-io/kv';
import type { QueuedIterator } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { NatsConnectionHolder } from './connection.js';
import { openBucket } from './kv-writer.js';

export interface KvWatchOptions {
  /** Read everything anew when nothing was heard for so long. */
  readonly silentMs?: number;
  readonly onInvalid?: (key: string, error: unknown) => void;
}

type Change<T> = (key: string, value: T | undefined) => void;

const checkIntervalMs = 1000;

/** A bucket in memory: changes arrive at once, silence is noticed, and the last known values stay while NATS is away. */
export class KvWatch<T> {
  private readonly values = new Map<string, { value: T; text: string }>();
  private readonly listeners = new Set<Change<T>>();
  private watcher: QueuedIterator<KvWatchEntry> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private confirmedAt = 0;
  private lastRevision = 0;
  private isReading = false;
  private forgetReconnect: () => void = () => {};

  constructor(
    private readonly connection: NatsConnectionHolder,
    private readonly bucket: string,
    private readonly schema: z.ZodType<T>,
    private readonly options: KvWatchOptions = {},
  ) {}

  /** Reads the bucket once, then follows it. */
  async start(): Promise<void> {
    await this.reload();
    this.forgetReconnect = this.connection.onReconnect(() => void this.refresh());
    this.timer = setInterval(() => {
      if (this.ageMs() > (this.options.silentMs ?? 4000)) void this.refresh();
    }, checkIntervalMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.forgetReconnect();
    this.watcher?.stop();
  }

  get(key: string): T | undefined {
    return this.values.get(key)?.value;
  }

  entries(): [key: string, value: T][] {
    return [...this.values].map(([key, { value }]) => [key, value]);
  }

  /** Tells about each change; `undefined` means deleted. Returns how to stop that. */
  onChange(listener: Change<T>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Milliseconds since the values were last known to be current. */
  ageMs(): number {
    return Date.now() - this.confirmedAt;
  }

  private async refresh(): Promise<void> {
    if (this.isReading || !this.connection.isConnected) return;
    this.isReading = true;
    try {
      if (!(await this.isCurrent())) await this.reload();
      this.confirmedAt = Date.now();
    } catch {
      // what is known stays; the age tells how old it is
    } finally {
      this.isReading = false;
    }
  }

  /** One cheap request: has the bucket changed since the last change we saw? */
  private async isCurrent(): Promise<boolean> {
    const { state } = await this.connection.jsm.streams.info(`KV_${this.bucket}`);
    return state.last_seq === this.lastRevision;
  }

  private async reload(): Promise<void> {
    const kv = await openBucket(this.connection, this.bucket);
    await this.readAll(kv);
    await this.watch(kv);
    this.confirmedAt = Date.now();
  }

  private async readAll(kv: KV): Promise<void> {
    const { streamInfo } = await kv.status();
    const present = new Set<string>();
    for await (const key of await kv.keys()) present.add(key);
    for (const key of present) {
      const entry = await kv.get(key);
      if (entry) this.take(entry);
    }
    for (const key of [...this.values.keys()]) if (!present.has(key)) this.drop(key);
    this.lastRevision = streamInfo.state.last_seq;
  }

  private async watch(kv: KV): Promise<void> {
    const previous = this.watcher;
    const watcher = await kv.watch();
    this.watcher = watcher;
    previous?.stop();
    void (async () => {
      for await (const entry of watcher) {
        this.take(entry);
        this.lastRevision = Math.max(this.lastRevision, entry.revision);
        this.confirmedAt = Date.now();
      }
    })().catch(() => {});
  }

  private take(entry: KvEntry): void {
    if (entry.operation !== 'PUT') {
      this.drop(entry.key);
      return;
    }
    const text = entry.string();
    // revisions start anew on a server that lost its store, so the text decides what is a change
    if (this.values.get(entry.key)?.text === text) return;
    const parsed = this.parse(entry);
    if (!parsed) return;
    this.values.set(entry.key, { value: parsed.value, text });
    for (const listener of this.listeners) listener(entry.key, parsed.value);
  }

  private drop(key: string): void {
    if (!this.values.delete(key)) return;
    for (const listener of this.listeners) listener(key, undefined);
  }

  private parse(entry: KvEntry): { value: T } | undefined {
    try {
      return { value: this.schema.parse(entry.json()) };
    } catch (error) {
      this.options.onInvalid?.(entry.key, error);
      return undefined;
    }
  }
}
