import { createLocalJWKSet, errors, type FlattenedJWSInput, type JWSHeaderParameters, type LocalJWKSet } from 'jose';
import { issuerUnavailable } from './errors.js';
import type { JwtSettings } from './jwt-settings.js';
import { readKeySet } from './read-key-set.js';

export interface IssuerKeysEvents {
  /** Other keys than before: what was verified by the former ones has to be looked at again. */
  onChanged(): void;
  onFailed(error: unknown): void;
}

/** The public keys of the issuer: read in the background, again when a token names an unknown one, and kept while the issuer is away. */
export class IssuerKeys {
  private keys: LocalJWKSet | undefined;
  private text = '';
  private readAtMs = 0;
  private triedAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly settings: Pick<JwtSettings, 'keys' | 'refreshMs' | 'cooldownMs'>,
    private readonly events: IssuerKeysEvents,
  ) {}

  /** Reads the keys once; a failure is tried again in the background. */
  async start(): Promise<void> {
    await this.refresh();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** How many keys are known and how long ago they were read; undefined when never. */
  standing(): { readonly count: number; readonly ageMs: number } | undefined {
    return this.keys && { count: this.keys.jwks().keys.length, ageMs: Date.now() - this.readAtMs };
  }

  /** Finds the key a token was signed with. @throws access.issuer_unavailable, JWKSNoMatchingKey */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): ReturnType<LocalJWKSet> {
    if (!this.keys) await this.refreshUnlessTried();
    if (!this.keys) throw issuerUnavailable({ retryAfterSeconds: this.settings.cooldownMs / 1000 });
    try {
      return await this.keys(header, token);
    } catch (error) {
      // one reading for all tokens with unknown keys, then none for a while: their senders choose how many there are
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.refreshUnlessTried())) throw error;
      return this.keys(header, token);
    }
  }

  private async refreshUnlessTried(): Promise<boolean> {
    if (!this.reading && performance.now() - this.triedAt < this.settings.cooldownMs) return false;
    await this.refresh();
    return true;
  }

  private refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
      this.triedAt = performance.now();
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    let nextMs = this.settings.refreshMs;
    try {
      const set = await readKeySet(this.settings.keys);
      const text = JSON.stringify(set);
      if (text !== this.text) {
        this.keys = createLocalJWKSet(set);
        this.text = text;
        this.events.onChanged();
      }
      this.readAtMs = Date.now();
    } catch (error) {
      nextMs = Math.min(nextMs, this.settings.cooldownMs);
      this.events.onFailed(error);
    }
    clearTimeout(this.timer);
    if (!this.isStopped) this.timer = setTimeout(() => void this.refresh(), nextMs).unref();
  }
}
