import type { Readable } from 'node:stream';
import { type Credential, requireDataset } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { CONFIG, sentTypeHeader } from '@bascule/platform';
import { ObjectStore, type StoredObject } from '@bascule/storage';
import { boundedContent } from '@bascule/uploads';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { emptyBatch, unsupportedContent } from '../errors.js';
import { uploadErrors } from '../uploads/errors.js';
import { contentTypeOf } from './content-type.js';

type Request = FastifyRequest<{ Params: { dataset: string }; Querystring: { contract?: string } }> & { credential: Credential };

/** Told by the content itself, too: what is packed is unpacked where it is read. */
const encodings = new Set(['identity', 'gzip', 'x-gzip', 'zstd']);

/** What the controller gets in place of the body. */
export interface SentContent extends StoredObject {
  readonly contentType: string;
  readonly sentType: string;
}

/**
 * Writes a streamed body to the object store before the request is handled, so that a repeat is known by its digest.
 * What would refuse the request is asked first.
 */
@Injectable()
export class ContentInterceptor implements NestInterceptor {
  constructor(
    private readonly store: ObjectStore,
    private readonly contracts: ContractsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<ReturnType<CallHandler['handle']>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    try {
      (request as { body: unknown }).body = await this.take(request);
    } catch (error) {
      // what is left of the body is not waited for: the sender gets the answer, then the connection ends
      const reply = http.getResponse<FastifyReply>();
      void reply.header('connection', 'close');
      reply.raw.once('finish', () => request.raw.destroy());
      throw error;
    }
    return next.handle();
  }

  private async take(request: Request): Promise<SentContent> {
    const { dataset } = request.params;
    // names that are none are refused in words by the controller
    if (entityName.safeParse(dataset).success) requireDataset(request.credential, dataset);
    if (entityName.safeParse(request.query.contract).success) await this.contracts.get(request.query.contract!);
    const sentType = request.headers[sentTypeHeader];
    const contentType = contentTypeOf(typeof sentType === 'string' ? sentType : undefined);
    if (contentType === undefined) throw unsupportedContent({ contentType: sentType ?? 'none' });
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    if (!encodings.has(encoding))
      throw unsupportedContent({ contentEncoding: encoding }, `content is packed as gzip or zstd, not as ${encoding}`);
    const body = request.body as Readable | undefined;
    if (body === undefined) throw emptyBatch();
    const declared = Number(request.headers['content-length'] ?? 0);
    const stored = await this.store.put(
      boundedContent(body, { declaredBytes: declared, limitBytes: this.config.UPLOAD_LIMIT_BYTES }, uploadErrors),
    );
    if (stored.sizeBytes === 0) throw emptyBatch();
    return { ...stored, contentType, sentType: String(sentType) };
  }
}
