import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './logger.js';
import { problemOf, retryAfterSecondsOf } from './problem.js';

/** Answers every error as `application/problem+json`; only unexpected ones are logged with their stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { status, body } = problemOf(error, `urn:bascule:request:${request.id}`);
    if (status >= 500) this.log.error({ err: error, code: body.code, requestId: request.id }, 'request failed');
    if (reply.sent) return;
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    const retryAfter = retryAfterSecondsOf(error, status);
    if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
    void reply.status(status).header('content-type', 'application/problem+json; charset=utf-8').send(body);
  }
}
