import { Public } from '@bascule/access';
import { All, Body, Controller, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { foreignPage } from '../errors.js';
import { SessionService } from '../session/session.service.js';
import { ForwardService } from './forward.service.js';

/** The page's own header: a form of another site cannot set it. */
const pageHeader = 'x-bascule-console';

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
  async forward(
    @Param('service') service: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const key = this.sessions.keyOf(request);
    if (request.method !== 'GET' && request.headers[pageHeader] !== '1') throw foreignPage();
    const path = request.url.slice(`/api/${service}`.length);
    const answer = await this.forwarding.forward(service, request.method, path, key, body);
    await reply.status(answer.status).header('content-type', answer.contentType).send(answer.body);
  }
}
