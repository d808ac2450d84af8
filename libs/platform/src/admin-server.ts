import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HealthRegistry } from './health.js';

export interface AdminServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  readonly health: HealthRegistry;
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Serves `/metrics` and `/health/*` on a port of its own, so that they answer when the API is overloaded and stay off the public side. */
export async function startAdminServer({ host, port, health, metrics }: AdminOptions): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/metrics') return metrics(request, response);
    if (path === '/health/live') return sendJson(response, 200, { status: 'live' });
    if (path === '/health/ready') {
      void health.readiness().then((readiness) => sendJson(response, readiness.status === 'ready' ? 200 : 503, readiness));
      return;
    }
    sendJson(response, 404, { status: 404, title: 'There is no such address' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // one process's own, also where several share their other ports
    server.listen({ port, host, exclusive: true }, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}
