import { Public } from '@bascule/access';
import { serviceNames } from '@bascule/contracts';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ForwardService } from '../forward/forward.service.js';
import { SessionService } from '../session/session.service.js';

const timeoutMs = 2_000;

@Public()
@Controller('services-health')
export class ServicesHealthController {
  constructor(
    private readonly forwarding: ForwardService,
    private readonly sessions: SessionService,
  ) {}

  /** Readiness of the six services as they report it, with the time each took to answer in milliseconds. */
  @Get()
  async list(@Req() request: FastifyRequest) {
    await this.sessions.keyOf(request);
    return { items: await Promise.all(serviceNames.map((service) => this.healthOf(service))) };
  }

  private async healthOf(service: string) {
    const startedAt = performance.now();
    try {
      const answer = await fetch(`${this.forwarding.urlOf(service)}/health/ready`, { signal: AbortSignal.timeout(timeoutMs) });
      const detail = (await answer.json()) as unknown;
      return { service, status: answer.ok ? 'ready' : 'not ready', ms: Math.round(performance.now() - startedAt), detail };
    } catch {
      return { service, status: 'away', ms: Math.round(performance.now() - startedAt), detail: null };
    }
  }
}
