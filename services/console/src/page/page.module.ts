import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

const webRoot = fileURLToPath(new URL('../../dist-web', import.meta.url));

/** Serves the built page; everything else is an API route. */
@Module({})
export class PageModule implements OnModuleInit {
  constructor(private readonly adapter: HttpAdapterHost) {}

  async onModuleInit(): Promise<void> {
    const server = this.adapter.httpAdapter.getInstance<FastifyInstance>();
    await server.register(fastifyStatic, { root: webRoot, wildcard: false });
  }
}
