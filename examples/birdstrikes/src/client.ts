import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

/** An answer other than 2xx: the problem document as the service sent it. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly problem: Record<string, unknown>,
  ) {
    super(`${status} ${code}: ${String(problem['detail'] ?? problem['title'] ?? '')}`);
  }
}

/** How often requests had to be repeated; a client that retries must be able to say so. */
export interface CallCounts {
  requests: number;
  retries: number;
  failures: number;
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;
/** Longer than any answer takes; a server that went away without a word is asked again after it. */
const answerTimeoutMs = 15_000;

/** A client of one service: JSON in and out, repeats what may be repeated, keeps count. */
export class ServiceClient {
  readonly counts: CallCounts = { requests: 0, retries: 0, failures: 0 };
  private turn = 0;

  constructor(
    private readonly urls: readonly string[],
    private readonly key: string,
    private readonly patienceMs = 90_000,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path);
  }

  /** Gets what may not be there yet. */
  find<T>(path: string): Promise<T | undefined> {
    return this.get<T>(path).catch((error: unknown) => {
      if (error instanceof ProblemError && error.status === 404) {
        this.counts.failures--;
        return undefined;
      }
      throw error;
    });
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('PUT', path, JSON.stringify(body), 'application/json');
  }

  /** Posts with an idempotency key, so that a repeated request does its work once. */
  post<T>(path: string, body: unknown, contentType = 'application/json'): Promise<T> {
    return this.call<T>('POST', path, typeof body === 'string' ? body : JSON.stringify(body), contentType, randomUUID());
  }

  private async call<T>(method: string, path: string, body?: string, contentType?: string, idempotencyKey?: string): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.key}` };
    if (contentType) headers['content-type'] = contentType;
    if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
    const giveUpAt = Date.now() + this.patienceMs;
    this.counts.requests++;
    for (let waitMs = firstPauseMs; ; waitMs = Math.min(waitMs * 2, longestPauseMs)) {
      const outcome = await this.attempt<T>(method, path, headers, body);
      if ('value' in outcome) return outcome.value;
      if (!outcome.again || Date.now() > giveUpAt) {
        this.counts.failures++;
        throw outcome.error;
      }
      this.counts.retries++;
      await pause(waitMs);
    }
  }

  private async attempt<T>(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ value: T } | { error: Error; again: boolean }> {
    const url = this.urls[this.turn++ % this.urls.length]!;
    try {
      const answer = await fetch(url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      const text = await answer.text();
      const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      if (answer.ok) return { value: parsed as T };
      const error = new ProblemError(answer.status, String(parsed['code'] ?? 'unknown'), parsed);
      return { error, again: [429, 502, 503, 504].includes(answer.status) };
    } catch (error) {
      return { error: error as Error, again: true };
    }
  }
}
