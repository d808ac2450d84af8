import { Public } from '@bascule/access';
import { Controller, type MessageEvent, Req, Sse } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { SessionService } from '../session/session.service.js';
import { LiveService } from './live.service.js';

@Public()
@Controller('events')
export class LiveController {
  constructor(
    private readonly live: LiveService,
    private readonly sessions: SessionService,
  ) {}

  /** Server-sent events: of the last 200 events those the key may see first, then each as it happens. */
  @Sse()
  async stream(@Req() request: FastifyRequest): Promise<Observable<MessageEvent>> {
    const key = await this.sessions.keyOf(request);
    return this.live.stream(() => this.sessions.credentialOf(key));
  }
}
