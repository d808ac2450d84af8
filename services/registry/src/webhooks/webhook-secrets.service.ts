import { Transactions } from '@bascule/database';
import { Logger } from '@bascule/platform';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type BoxKey, keyIdOf, openSealed, seal } from './secret-box.js';
import { SecretKeyFile } from './secret-key.store.js';
import { WebhookEntity, type WebhookSecret } from './webhook.entity.js';

/** Keeps the secrets of webhooks encrypted: whoever reads the table, or a backup of it, can sign nothing. */
@Injectable()
export class WebhookSecrets implements OnApplicationBootstrap {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: SecretKeyFile,
    private readonly log: Logger,
  ) {}

  /** An earlier release kept them as they are. */
  async onApplicationBootstrap(): Promise<void> {
    await this.transactions.run((manager) => this.sealAll(manager));
  }

  /** The secret as it is kept. */
  async seal(secret: string, webhookId: string): Promise<WebhookSecret> {
    const [key] = await this.keys.read();
    return { sealed: seal(secret, key, webhookId), goodUntil: null };
  }

  /** The secrets that sign at that moment. @throws when one cannot be opened */
  async open({ webhookId, secrets }: WebhookEntity, at: Date): Promise<string[]> {
    const keys = await this.keys.read();
    return secrets
      .filter(({ goodUntil }) => goodUntil === null || new Date(goodUntil) > at)
      .map(({ sealed, secret }: KeptSecret) => secret ?? openSealed(sealed, keys, webhookId));
  }

  /** Makes a new key and encrypts every secret with it. @returns the webhooks whose secrets were encrypted anew */
  async renewKey(): Promise<WebhookEntity[]> {
    return this.transactions.run(async (manager) => {
      await lock(manager);
      // the file does not go back where this transaction does: what was encrypted with an older key before may be so again
      const webhooks = await manager.find(WebhookEntity);
      const named = webhooks.flatMap(({ secrets }) =>
        secrets.flatMap(({ sealed }: KeptSecret) => (sealed ? keyIdOf(sealed) : undefined) ?? []),
      );
      await this.keys.renew(new Set(named));
      return this.sealAll(manager);
    });
  }

  private async sealAll(manager: EntityManager): Promise<WebhookEntity[]> {
    await lock(manager);
    const keys = await this.keys.read();
    const changed: WebhookEntity[] = [];
    for (const webhook of await manager.find(WebhookEntity)) {
      const { webhookId } = webhook;
      const secrets = webhook.secrets.map((kept) => this.sealedAnew(kept, keys, webhookId));
      if (secrets.every((kept, at) => kept === webhook.secrets[at])) continue;
      await manager.update(WebhookEntity, { webhookId }, { secrets });
      changed.push(webhook);
    }
    return changed;
  }

  private sealedAnew(kept: KeptSecret, keys: readonly [BoxKey, ...BoxKey[]], webhookId: string): WebhookSecret {
    const { sealed, secret, goodUntil } = kept;
    const [key] = keys;
    if (secret === undefined && keyIdOf(sealed) === key.id) return kept;
    try {
      return { sealed: seal(secret ?? openSealed(sealed, keys, webhookId), key, webhookId), goodUntil };
    } catch (error) {
      this.log.error({ err: error, webhookId }, 'the secret of a webhook cannot be read; make it a new one');
      return kept;
    }
  }
}

/** An earlier release kept the secret itself, and one that still runs beside this one keeps it so. */
type KeptSecret = WebhookSecret & { readonly secret?: string };

/** Of the registries that start or change the key at once, one after the other. */
async function lock(manager: EntityManager): Promise<void> {
  await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', ['webhooks/secrets']);
}
