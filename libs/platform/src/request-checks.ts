import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AllowedMethods } from './allowed-methods.js';
import type { BasculeError } from './define-error.js';
import { malformedRequest, methodNotAllowed } from './errors.js';
import { problemOf } from './problem.js';
import { unreadableTexts } from './readable-text.js';
import { refusalOf } from './request-validation.pipe.js';

/** Refuses, before anything else looks at a request, a missing host, wrong methods and text in its address that cannot be stored. */
export function checkAddresses(server: FastifyInstance): void {
  const allowed = new AllowedMethods();
  server.addHook('onRoute', ({ url, method }) => allowed.add(url, method));
  server.addHook('onRequest', (request, reply, done) => {
    const { httpVersion, headers } = request.raw;
    if (headers.host === undefined && httpVersion === '1.1')
      return answer(malformedRequest({}, 'The header Host is missing.'), request, reply);
    const path = request.url.split('?')[0] ?? '';
    const methods = request.is404 ? allowed.of(path) : [];
    if (methods.length > 0) {
      void reply.header('allow', methods.join(', '));
      return answer(methodNotAllowed({ method: request.method, path }), request, reply);
    }
    const faults = [request.params, request.query].flatMap((part) => unreadableTexts(part));
    if (faults.length > 0) return answer(refusalOf(faults), request, reply);
    done();
  });
}

function answer(error: BasculeError, request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = problemOf(error, `urn:bascule:request:${request.id}`);
  void reply.status(status).header('content-type', 'application/problem+json; charset=utf-8').send(body);
}
