import { Server } from 'node:net';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';

const checkMs = 10;

/**
 * Ends connections without failing a request: accepts no new ones, answers what comes on the open ones and says with
 * each answer that the connection ends. Closing an idle connection at once could meet the request it was kept for.
 */
@Injectable()
export class ConnectionDrain implements OnModuleDestroy {
  private server: Server | undefined;
  /** From here on each answer ends its connection. */
  isDraining = false;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  private afterwards: () => void = () => undefined;

  /** Called when connections were given their time to end. */
  onDrained(callback: () => void): void {
    this.afterwards = callback;
  }

  /** Call before routes are added. */
  install(fastify: FastifyInstance): void {
    this.server = fastify.server;
    fastify.addHook('onSend', (_request, reply, _payload, done) => {
      if (this.isDraining) void reply.header('connection', 'close');
      done();
    });
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
  }
}

function openConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}
