import { timingSafeEqual } from 'node:crypto';
import { type AccessEntry, accessEntry, buckets } from '@bascule/contracts';
import { KvWatch, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { HealthRegistry } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Credential } from './credential.js';
import { keyMissing, keyRevoked, keyUnknown } from './errors.js';
import { hashSecret, parseToken } from './key-format.js';

const staleMs = 15_000;

/** Checks keys from memory; governance writes them, a watch on the bucket keeps them fresh. Nothing known means nobody enters. */
@Injectable()
export class AccessDirectory implements OnModuleInit, OnApplicationShutdown {
  private readonly watch: KvWatch<AccessEntry>;

  constructor(
    @Inject(NATS) connection: NatsConnectionHolder,
    private readonly health: HealthRegistry,
  ) {
    this.watch = new KvWatch(connection, buckets.access, accessEntry);
  }

  async onModuleInit(): Promise<void> {
    // not critical: keys known before stay good while NATS is away, and unknown ones are refused either way
    this.health.register('access', async () => {
      const ageMs = this.watch.ageMs();
      const isFresh = ageMs < staleMs;
      return {
        ok: isFresh,
        critical: false,
        detail: ageMs < Date.now() / 2 ? `keys confirmed ${Math.round(ageMs)} ms ago` : 'keys never read',
      };
    });
    await this.watch.start();
  }

  onApplicationShutdown(): void {
    this.watch.stop();
  }

  /** Finds who a bearer token belongs to; throws when it is missing, wrong or revoked. */
  authenticate(bearerToken: string | undefined): Credential {
    if (!bearerToken) throw keyMissing();
    const parts = parseToken(bearerToken);
    const entry = parts && this.watch.get(parts.keyId);
    if (!parts || !entry || !isSecret(parts.secret, entry.secretHash)) throw keyUnknown();
    if (entry.revokedAt !== null) throw keyRevoked({ keyId: entry.keyId });
    const { keyId, identity, roles, models, datasets, limits } = entry;
    return { keyId, identity, roles, models, datasets, ...(limits && { limits }) };
  }

  /** How long ago the keys were last known to be current. */
  ageMs(): number {
    return this.watch.ageMs();
  }
}

function isSecret(secret: string, secretHash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(secretHash, 'hex'));
}
