import type { EventEmitter } from 'node:events';
import type { DataSource } from 'typeorm';

interface PoolOwner {
  readonly master: EventEmitter;
}

/**
 * Keeps the process alive when a connection dies that nobody is listening to: between its release and its end a client
 * has no error listener, and the server's last words would end the process. Whoever uses the connection still gets the error.
 */
export function outliveLostConnections(source: DataSource): DataSource {
  const known = new WeakSet<EventEmitter>();
  (source.driver as unknown as PoolOwner).master.on('acquire', (client: EventEmitter) => {
    if (known.has(client)) return;
    known.add(client);
    client.on('error', () => undefined);
  });
  return source;
}
