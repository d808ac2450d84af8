import { malformedRequest, unsupportedMediaType } from '@bascule/platform';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { storageFault } from '../storable-text.js';
import { readDocument } from './read-document.js';

/** How ODCS is written: the media type of the standard, and what people send. */
export const yamlTypes = ['application/odcs+yaml', 'application/yaml', 'application/x-yaml', 'text/yaml'] as const;
const anyYaml = /^(?:application\/(?:odcs\+yaml|yaml|x-yaml)|text\/yaml)\b/;
const maxBytes = 4 * 1024 * 1024;
const routes = ['/v1/contracts', '/v1/contracts/checks', '/v1/contracts/:name/changes'];

/** Lets contracts come as YAML, and nothing else. */
@Injectable()
export class ContractBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.addContentTypeParser<string>(anyYaml, { parseAs: 'string', bodyLimit: maxBytes }, (request, text, done) => {
      if (request.method !== 'POST' || !routes.includes(request.routeOptions.url ?? '')) return done(unsupportedMediaType());
      const read = readDocument(text);
      if ('faults' in read) return done(malformedRequest({}, read.faults.join('; ')));
      const fault = storageFault(read.value);
      if (fault) return done(malformedRequest({}, `${fault.path.join('.')} ${fault.message}`));
      done(null, read.value);
    });
  }
}
