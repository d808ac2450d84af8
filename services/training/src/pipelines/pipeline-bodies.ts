import { invalidRequest, malformedRequest, unsupportedMediaType } from '@bascule/platform';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { readPipelineDocument } from './pipeline-document.js';

export const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml'] as const;
const maxBytes = 262_144;
const kinds: Readonly<Record<string, 'new' | 'body'>> = { 'POST /v1/pipelines': 'new', 'PUT /v1/pipelines/:name': 'body' };

const sources = new WeakMap<object, string>();

/** The YAML that a body was read from; undefined for JSON. */
export function sourceOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null ? sources.get(body) : undefined;
}

/** Lets pipelines come as YAML, and nothing else. */
@Injectable()
export class PipelineBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    for (const type of yamlTypes) {
      server.addContentTypeParser<string>(type, { parseAs: 'string', bodyLimit: maxBytes }, (request, text, done) => {
        const kind = kinds[`${request.method} ${request.routeOptions.url}`];
        if (!kind) return done(unsupportedMediaType());
        // PostgreSQL keeps neither of these
        if (text.includes('\0') || !text.isWellFormed())
          return done(malformedRequest({}, 'The YAML holds characters that cannot be stored.'));
        const read = readPipelineDocument(text, kind);
        if ('faults' in read) {
          const told = read.faults.slice(0, 3).map(({ path, message }) => (path ? `${path}: ${message}` : message));
          return done(invalidRequest({ errors: read.faults }, told.join('; ')));
        }
        sources.set(read.value, text);
        done(null, read.value);
      });
    }
  }
}
