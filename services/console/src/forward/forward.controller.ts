import { Public } from '@bascule/access';
import { All, Body, Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireOwnPage } from '../session/own-page.js';
import { SessionService } from '../session/session.service.js';
import { ForwardService } from './forward.service.js';
import { forwardPathOf } from './forward-path.js';

// public here, because the service behind the door checks the session's key itself
@Public()
@Controller('api')
export class ForwardController {
  constructor(
    private readonly sessions: SessionService,
    private readonly forwarding: ForwardService,
  ) {}

  /** Forwards `/api/{service}/...` to the public API of the service under the session's key. */
  @All(':service/*')
  async forward(@Body() body: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const key = await this.sessions.keyOf(request);
    requireOwnPage(request);
    const { service, path } = forwardPathOf(request.url);
    const answer = await this.forwarding.forward(service, request.method, path, key, body);
    await reply.status(answer.status).header('content-type', answer.contentType).send(answer.body);
  }
}
