import { Injectable } from '@nestjs/common';

export interface CheckResult {
  readonly ok: boolean;
  readonly detail?: string;
  /** False: shown, but does not make the service unready. Default true. */
  readonly critical?: boolean;
}
export type HealthCheck = () => Promise<CheckResult>;

export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly shuttingDown: boolean;
  readonly checks: Record<string, CheckResult>;
}

const checkTimeoutMs = 2000;

/** Knows what the service needs; ready means that every critical check passes and nobody asked it to stop. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();
  private shuttingDown = false;
  private started = false;

  /** Adds a check under a name; a second registration under the name replaces the first. */
  register(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** From here on readiness depends on the checks only. */
  markStarted(): void {
    this.started = true;
  }

  /** From here on the service is unready, so that load balancers stop sending. */
  markShuttingDown(): void {
    this.shuttingDown = true;
  }

  get isShuttingDown(): boolean {
    return this.shuttingDown;
  }

  async readiness(): Promise<Readiness> {
    const entries = await Promise.all([...this.checks].map(async ([name, check]) => [name, await resultOf(check)] as const));
    const allPass = entries.every(([, result]) => result.ok || result.critical === false);
    const isReady = this.started && !this.shuttingDown && allPass;
    return { status: isReady ? 'ready' : 'not-ready', shuttingDown: this.shuttingDown, checks: Object.fromEntries(entries) };
  }
}

async function resultOf(check: HealthCheck): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${checkTimeoutMs} ms` }), checkTimeoutMs);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return { ok: false, detail: faultOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

// anybody may ask for health: what an error says can name hosts, users and statements
function faultOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[\w.]{1,60}$/.test(code) ? `failed (${code})` : 'failed';
}
