import type { KV, KvEntry, KvWatchEntry } from '@nats-io/kv';
import type { QueuedIterator } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { NatsConnectionHolder } from './connection.js';
import { listBucket } from './list-bucket.js';
import { StallGuard } from './stall-guard.js';

export interface KvWatchOptions {
  /** Ask whether anything was missed when nothing was heard for so long. */
  readonly silentMs?: number;
  /** Give up a reading that makes no progress for so long; the next one starts half a second later. */
  readonly stallMs?: number;
  readonly onInvalid?: (key: string, error: unknown) => void;
}

type Change<T> = (key: string, value: T | undefined) => void;
interface Known<T> {
  readonly value: T;
  readonly text: string;
  revision: number;
}

const checkIntervalMs = 500;
// together with one reading that hangs, a change that the watch missed is still known within five seconds
const defaultSilentMs = 1500;
const defaultStallMs = 2000;
/** At the start there is nothing to fall back on, and a busy machine is slow. */
const startStallMs = 10_000;
const startAttempts = 3;

/** A bucket in memory: changes arrive at once, silence is noticed, and the last known values stay while NATS is away. */
export class KvWatch<T> {
  private readonly values = new Map<string, Known<T>>();
  private readonly listeners = new Set<Change<T>>();
  private watcher: QueuedIterator<KvWatchEntry> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private confirmedAt = 0;
  private lastRevision = 0;
  private isReading = false;
  /** Grows with every reading: one that was given up must not overwrite what came later. */
  private turn = 0;
  private forgetReconnect: () => void = () => {};

  constructor(
    private readonly connection: NatsConnectionHolder,
    private readonly bucket: string,
    private readonly schema: z.ZodType<T>,
    private readonly options: KvWatchOptions = {},
  ) {}

  /** Reads the bucket once, then follows it. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.guarded(startStallMs, (turn, guard) => this.reload(turn, guard));
        break;
      } catch (error) {
        if (attempt === startAttempts) throw error;
      }
    }
    this.forgetReconnect = this.connection.onReconnect(() => {
      // a restarted server may have lost its last writes and then counts the next ones alike
      for (const known of this.values.values()) known.revision = 0;
      void this.refresh();
    });
    this.timer = setInterval(() => {
      if (this.ageMs() > (this.options.silentMs ?? defaultSilentMs)) void this.refresh();
    }, checkIntervalMs).unref();
  }

  stop(): void {
    this.turn++;
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
      await this.guarded(this.options.stallMs ?? defaultStallMs, async (turn, guard) => {
        if (await this.isCurrent()) this.confirm(turn);
        else await this.reload(turn, guard);
      });
    } catch {
      // what is known stays; the age tells how old it is
    } finally {
      this.isReading = false;
    }
  }

  /** Runs one reading and gives it up when it hangs: a request or a listing that never ends must not stop the next one. */
  private async guarded(stallMs: number, read: (turn: number, guard: StallGuard) => Promise<void>): Promise<void> {
    const guard = new StallGuard(stallMs);
    const turn = ++this.turn;
    try {
      await Promise.race([read(turn, guard), guard.whenStalled]);
    } finally {
      guard.end();
      if (turn === this.turn) this.turn++;
    }
  }

  private confirm(turn: number): void {
    if (turn === this.turn) this.confirmedAt = Date.now();
  }

  /** One cheap request: has the bucket changed since the last change we saw? */
  private async isCurrent(): Promise<boolean> {
    const { state } = await this.connection.jsm.streams.info(`KV_${this.bucket}`);
    return state.last_seq === this.lastRevision;
  }

  private async reload(turn: number, guard: StallGuard): Promise<void> {
    const { kv, entries, revision: listedUntil } = await listBucket(this.connection, this.bucket, guard);
    if (turn !== this.turn) return;
    const present = new Set(entries.map(({ key }) => key));
    for (const [key, { revision }] of [...this.values]) if (!present.has(key) && revision <= listedUntil) this.drop(key);
    for (const entry of entries) this.take(entry);
    this.lastRevision = listedUntil;
    guard.progress();
    await this.watch(kv, turn);
    this.confirm(turn);
  }

  private async watch(kv: KV, turn: number): Promise<void> {
    const watcher = await kv.watch();
    if (turn !== this.turn) {
      watcher.stop();
      return;
    }
    const previous = this.watcher;
    this.watcher = watcher;
    previous?.stop();
    void (async () => {
      for await (const entry of watcher) {
        if (this.watcher !== watcher) return;
        this.take(entry);
        this.lastRevision = Math.max(this.lastRevision, entry.revision);
        this.confirmedAt = Date.now();
      }
    })().catch(() => {});
  }

  private take(entry: KvEntry): void {
    const known = this.values.get(entry.key);
    // a listing and two watches overlap for a moment: what is older must not undo what is newer
    if (known && entry.revision < known.revision) return;
    if (entry.operation !== 'PUT') {
      this.drop(entry.key);
      return;
    }
    const text = entry.string();
    if (known?.text === text) {
      known.revision = entry.revision;
      return;
    }
    const parsed = this.parse(entry);
    if (!parsed) return;
    this.values.set(entry.key, { value: parsed.value, text, revision: entry.revision });
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
