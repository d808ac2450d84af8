import { type ServiceName, serviceNames } from '@bascule/contracts';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { serviceAway, unknownService } from '../errors.js';

const timeoutMs = 15_000;

export interface Forwarded {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

@Injectable()
export class ForwardService {
  private readonly urls: Record<ServiceName, string>;

  constructor(@Inject(CONFIG) config: Config) {
    this.urls = {
      ingestion: config.INGESTION_URL,
      training: config.TRAINING_URL,
      registry: config.REGISTRY_URL,
      serving: config.SERVING_URL,
      monitoring: config.MONITORING_URL,
      governance: config.GOVERNANCE_URL,
    };
  }

  /** Address of a service. @throws console.unknown_service */
  urlOf(service: string): string {
    const name = serviceNames.find((known) => known === service);
    if (!name) throw unknownService({ service });
    return this.urls[name];
  }

  /** Passes a request on with the caller's key and returns the answer as it came. @throws console.service_away */
  async forward(service: string, method: string, path: string, key: string, body: unknown): Promise<Forwarded> {
    const url = this.urlOf(service) + path;
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    const hasBody = body !== undefined && body !== null && method !== 'GET' && method !== 'HEAD';
    if (hasBody) headers['content-type'] = 'application/json';
    try {
      const answer = await fetch(url, {
        method,
        headers,
        // a service has no reason to send a key elsewhere
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        ...(hasBody ? { body: JSON.stringify(body) } : {}),
      });
      return { status: answer.status, contentType: answer.headers.get('content-type') ?? 'application/json', body: await answer.text() };
    } catch {
      throw serviceAway({ service });
    }
  }
}
