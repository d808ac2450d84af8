import { unsupportedMediaType } from '@bascule/platform';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { inputTypes } from './batch-input.store.js';

const path = '/v1/models/:model/batch-jobs';

/** Lets bodies of the content types of inputs through to the one route that takes them as a stream, and refuses them elsewhere. */
@Injectable()
export class BatchBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    for (const type of inputTypes) {
      server.addContentTypeParser(type, (request, payload, done) => {
        if (request.routeOptions.url === path && request.method === 'POST') done(null, payload);
        else done(unsupportedMediaType());
      });
    }
  }
}
