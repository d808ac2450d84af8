import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { docsPage } from './docs-page.js';
import { describeProblems } from './problem-description.js';

/** Adds `/openapi.json` and `/docs`. Made on first request: most processes never need it and its library is large. */
export function serveApiDescription(app: NestFastifyApplication, service: string): void {
  const server = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  let description: Promise<object> | undefined;
  server.get('/openapi.json', async (_request, reply) => {
    description ??= describeApi(app, service);
    return reply.header('cache-control', 'no-cache').send(await description);
  });
  server.get('/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(docsPage(service)));
}

async function describeApi(app: NestFastifyApplication, service: string): Promise<object> {
  const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger');
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(`Bascule ${service}`)
    .setVersion('1')
    .addServer('/', 'The server that gave this description')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'bsc_<keyId>_<secret>' }, 'key')
    .addSecurityRequirements('key')
    .build();
  return describeProblems(SwaggerModule.createDocument(app, settings));
}
