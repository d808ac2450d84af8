import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

const webRoot = fileURLToPath(new URL('../../dist-web', import.meta.url));

/** The page runs its own scripts only, talks to its own server only and stands in no frame. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/** Serves the built page; everything else is an API route. */
@Module({})
export class PageModule implements OnModuleInit {
  constructor(private readonly adapter: HttpAdapterHost) {}

  async onModuleInit(): Promise<void> {
    const server = this.adapter.httpAdapter.getInstance<FastifyInstance>();
    await server.register(fastifyStatic, { root: webRoot, wildcard: false, setHeaders: (reply) => void reply.headers(pageHeaders) });
  }
}
