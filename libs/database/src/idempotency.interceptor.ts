import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { defer, lastValueFrom, type Observable } from 'rxjs';
import type { EntityManager } from 'typeorm';
import { idempotencyConflict, idempotencyInProgress, invalidIdempotencyKey } from './errors.js';
import { requestHash } from './request-hash.js';
import { Transactions } from './transactions.js';

interface StoredAnswer {
  readonly request_hash: string;
  readonly status: number;
  readonly body: unknown;
}
type Request = FastifyRequest & { credential?: { keyId: string } };

// taking over a row older than a day makes it this request's own
const claim = `
  insert into idempotency_keys (credential, key, request_hash) values ($1, $2, $3)
  on conflict (credential, key) do update set request_hash = excluded.request_hash, status = null, body = null, created_at = now()
    where idempotency_keys.created_at < now() - interval '24 hours'
  returning key`;

/** Answers a repeated creating request from the table; key, work and answer commit together. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly transactions: Transactions) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) throw invalidIdempotencyKey();
    const reply = http.getResponse<FastifyReply>();
    return defer(() => this.transactions.run((manager) => this.answerOnce(manager, key, request, reply, next)));
  }

  private async answerOnce(
    manager: EntityManager,
    key: string,
    request: Request,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    const credential = request.credential?.keyId ?? 'anonymous';
    const hash = requestHash(request.method, request.url, request.body);
    if (!(await this.claimKey(manager, credential, key, hash))) return this.replay(manager, credential, key, hash, reply);
    const result: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
    await manager.query('update idempotency_keys set status = $3, body = $4 where credential = $1 and key = $2', [
      credential,
      key,
      reply.statusCode,
      JSON.stringify(result ?? null),
    ]);
    return result;
  }

  // a concurrent request with the same key waits here until the first one commits or rolls back
  private async claimKey(manager: EntityManager, credential: string, key: string, hash: string): Promise<boolean> {
    await manager.query("set local lock_timeout = '10s'");
    try {
      const rows = (await manager.query(claim, [credential, key, hash])) as unknown[];
      await manager.query('set local lock_timeout = 0');
      return rows.length > 0;
    } catch (error) {
      if ((error as { code?: string }).code === '55P03') throw idempotencyInProgress();
      throw error;
    }
  }

  private async replay(manager: EntityManager, credential: string, key: string, hash: string, reply: FastifyReply): Promise<unknown> {
    const [stored] = (await manager.query('select request_hash, status, body from idempotency_keys where credential = $1 and key = $2', [
      credential,
      key,
    ])) as StoredAnswer[];
    if (!stored || stored.request_hash !== hash) throw idempotencyConflict();
    void reply.status(stored.status).header('idempotency-replayed', 'true');
    return stored.body ?? undefined;
  }
}
