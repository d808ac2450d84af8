import { AccessDirectory, type Credential } from '@bascule/access';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { notSignedIn } from '../errors.js';
import { cookieValue } from './cookie.js';

/** Name of the cookie that holds the key; it is HttpOnly, so the page's script never sees it. */
export const sessionCookie = 'bascule_session';

@Injectable()
export class SessionService {
  constructor(private readonly directory: AccessDirectory) {}

  /** The key, or token, behind the request's cookie. @throws console.not_signed_in */
  async keyOf(request: FastifyRequest): Promise<string> {
    const key = cookieValue(request.headers.cookie, sessionCookie);
    if (!key) throw notSignedIn();
    await this.directory.authenticate(key);
    return key;
  }

  /** Who the key or token belongs to. @throws when it is unknown, revoked or expired */
  async credentialOf(key: string): Promise<Credential> {
    return this.directory.authenticate(key);
  }
}
