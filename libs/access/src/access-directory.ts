import { accessEntry, buckets } from '@bascule/contracts';
import { KvWatch, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { CONFIG, HealthRegistry, Logger, Metrics, type PlatformConfig } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Credential } from './credential.js';
import { keyMissing } from './errors.js';
import { type JwtSettings, jwtSettingsOf } from './jwt-settings.js';
import { JwtVerifier } from './jwt-verifier.js';
import { KnownKeys } from './known-keys.js';

const staleMs = 15_000;

/** Checks keys and tokens from memory; a watch keeps the keys fresh that governance writes. Nothing known means nobody enters. */
@Injectable()
export class AccessDirectory implements OnModuleInit, OnApplicationShutdown {
  private readonly watch;
  private readonly keys = new KnownKeys();
  private readonly tokens: JwtVerifier | undefined;

  constructor(
    @Inject(NATS) connection: NatsConnectionHolder,
    @Inject(CONFIG) config: PlatformConfig,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    log: Logger,
  ) {
    this.watch = new KvWatch(connection, buckets.access, accessEntry);
    this.watch.onChange((keyId, entry) => this.keys.put(keyId, entry));
    const settings = jwtSettingsOf(config);
    if (settings && isOpenToOthers(settings.keys))
      log.warn({ issuer: settings.issuer }, 'JWT_JWKS_URL without TLS: who is on the way can issue tokens');
    this.tokens =
      settings &&
      new JwtVerifier(settings, {
        onChanged: () => log.info({ issuer: settings.issuer }, 'the keys of the token issuer are read'),
        onFailed: (error) =>
          log.warn({ err: error, issuer: settings.issuer }, 'the keys of the token issuer could not be read; known ones stay'),
      });
  }

  async onModuleInit(): Promise<void> {
    this.reportKeys();
    if (this.tokens) this.reportTokens(this.tokens);
    await Promise.all([this.watch.start(), this.tokens?.keys.start()]);
  }

  onApplicationShutdown(): void {
    this.watch.stop();
    this.tokens?.keys.stop();
  }

  /**
   * Finds who a bearer token belongs to. A key is found at once; a token once it is known, else after its signature was checked.
   * @throws access.key_* and, at once or as a rejection, access.token_*
   */
  authenticate(bearerToken: string | undefined): Credential | Promise<Credential> {
    if (!bearerToken) throw keyMissing();
    if (this.tokens && JwtVerifier.isToken(bearerToken)) return this.tokens.verify(bearerToken);
    return this.keys.authenticate(bearerToken);
  }

  /** How long ago the keys were last known to be current. */
  ageMs(): number {
    return this.watch.ageMs();
  }

  private reportKeys(): void {
    // not critical: keys known before stay good while NATS is away, and unknown ones are refused either way
    this.health.register('access', async () => {
      const ageMs = this.watch.ageMs();
      const isFresh = ageMs < staleMs;
      const detail = ageMs < Date.now() / 2 ? `keys confirmed ${Math.round(ageMs)} ms ago` : 'keys never read';
      return { ok: isFresh, critical: false, detail };
    });
    this.metrics.gauge(
      'access_keys_age_seconds',
      'Time since the keys in memory were known to be current',
      () => this.watch.ageMs() / 1000,
    );
    this.metrics.gauge('access_keys', 'Keys in memory, revoked ones included', () => this.keys.size);
  }

  private reportTokens({ keys }: JwtVerifier): void {
    this.health.register('token-issuer', async () => {
      const standing = keys.standing();
      if (!standing) return { ok: false, critical: false, detail: 'keys never read' };
      return { ok: true, critical: false, detail: `${standing.count} keys, read ${Math.round(standing.ageMs / 1000)} s ago` };
    });
    const help = 'Time since the keys of the token issuer were read';
    this.metrics.gauge('access_issuer_keys_age_seconds', help, () => (keys.standing()?.ageMs ?? Date.now()) / 1000);
  }
}

/** Whether the keys of the issuer come over a network without TLS. */
function isOpenToOthers(keys: JwtSettings['keys']): boolean {
  if (!('url' in keys)) return false;
  const { protocol, hostname } = new URL(keys.url);
  return protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
