import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { lineageRefused, lineageUnavailable } from '../errors.js';

const timeoutMs = 10_000;
const shownLength = 500;

/** The door to a server that takes OpenLineage events, such as Marquez. */
@Injectable()
export class LineageEndpoint {
  private readonly url: string | undefined;
  private readonly headers: Record<string, string>;

  constructor(@Inject(CONFIG) { OPENLINEAGE_URL: base, OPENLINEAGE_API_KEY: key }: Config) {
    this.url = base && `${base.replace(/\/+$/, '')}/api/v1/lineage`;
    this.headers = { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) };
  }

  /** False where the settings name no server. */
  get isThere(): boolean {
    return this.url !== undefined;
  }

  /** @throws `ingestion.lineage_unavailable` where it is worth to try again, `ingestion.lineage_refused` where it is not */
  async send(event: Record<string, unknown>): Promise<void> {
    const { url, headers } = this;
    const body = JSON.stringify(event);
    // a redirect would carry the key elsewhere
    const init = { method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) } as const;
    const answer = await fetch(url!, init).catch((error: unknown) => {
      throw lineageUnavailable({}, causeOf(error as Error));
    });
    const text = await answer.text().catch(() => '');
    if (answer.ok) return;
    const detail = `status ${answer.status}: ${text.slice(0, shownLength)}`;
    const isHopeless = answer.status >= 400 && answer.status < 500 && ![401, 403, 404, 408, 429].includes(answer.status);
    throw isHopeless ? lineageRefused({}, detail) : lineageUnavailable({}, detail);
  }
}

function causeOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
