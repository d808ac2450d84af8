import { Public } from '@bascule/access';
import { Body, Controller, Delete, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { setCookie } from './cookie.js';
import { requireOwnPage } from './own-page.js';
import { SessionService, sessionCookie } from './session.service.js';

const signIn = z.object({ key: z.string().min(1).max(4096) });

@Public()
@Controller('session')
export class SessionController {
  constructor(private readonly sessions: SessionService) {}

  /** Signs in with a key; the key is kept in an HttpOnly cookie. Returns identity and roles. */
  @Post()
  async signIn(
    @Body({ schema: signIn }) body: z.infer<typeof signIn>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    requireOwnPage(request);
    const { identity, roles } = await this.sessions.credentialOf(body.key);
    reply.header('set-cookie', setCookie(sessionCookie, body.key, isSecure(request)));
    return { identity, roles };
  }

  /** Who is signed in. */
  @Get()
  async whoAmI(@Req() request: FastifyRequest) {
    const { identity, roles } = await this.sessions.credentialOf(await this.sessions.keyOf(request));
    return { identity, roles };
  }

  /** Signs out. */
  @Delete()
  signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    requireOwnPage(request);
    reply.header('set-cookie', setCookie(sessionCookie, '', isSecure(request)));
    return {};
  }
}

// TLS ends in front of the console; whoever forges the header only loses an own cookie
function isSecure({ headers }: FastifyRequest): boolean {
  return /^https\b/.test(String(headers['x-forwarded-proto']));
}
