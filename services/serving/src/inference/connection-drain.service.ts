import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { OpenRequests } from './open-requests.js';

const checkMs = 10;
/** How long nothing may come of a request that has begun to come, and how long it may take in all, once the process ends. */
const silentMs = 1_000;
const receiveMs = 5_000;

/**
 * Ends connections without failing a request: accepts no new ones, answers what comes on the open ones and says with
 * each answer that the connection ends. Closing an idle connection at once could meet the request it was kept for.
 */
@Injectable()
export class ConnectionDrain implements OnModuleDestroy {
  private server: Server | undefined;
  /** From here on each answer ends its connection. */
  isDraining = false;
  private readonly requests = new OpenRequests();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  private afterwards: () => void = () => undefined;

  /** Called when connections were given their time to end. */
  onDrained(callback: () => void): void {
    this.afterwards = callback;
  }

  /** Call before routes are added. */
  install(fastify: FastifyInstance): void {
    this.server = fastify.server;
    this.requests.watchConnections(fastify.server);
    fastify.addHook('onSend', (_request, reply, _payload, done) => {
      if (this.isDraining) void reply.header('connection', 'close');
      done();
    });
  }

  /** Call when everything that answers requests listens. */
  watch(server: HttpServer): void {
    this.requests.watchRequests(server);
  }

  // the first of the shutdown hooks: everything that answers requests still works
  async onModuleDestroy(): Promise<void> {
    const { server } = this;
    if (!server?.listening) return;
    this.isDraining = true;
    const giveUpAt = Date.now() + this.config.DRAIN_MS;
    // not the method of the HTTP server, which would close idle connections as well
    Server.prototype.close.call(server);
    while ((await openConnections(server)) > 0 && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, checkMs));
    this.afterwards();
    await this.endSilent();
  }

  /** A client that sent half of a request and fell silent would keep the process until it is killed. */
  private async endSilent(): Promise<void> {
    const giveUpAt = Date.now() + receiveMs;
    for (;;) {
      const now = Date.now();
      if (this.requests.endSilent(now, now < giveUpAt ? silentMs : 0) === 0) return;
      await new Promise((resolve) => setTimeout(resolve, checkMs));
    }
  }
}

function openConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}
