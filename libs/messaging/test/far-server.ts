import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FarServer {
  readonly url: string;
  /** From here on nothing that the server says arrives. */
  silence(): void;
  close(): void;
}

/** A way to nats-server on which what the server says arrives `delayMs` later, in order. */
export async function farServer(natsUrl: string, delayMs = 0): Promise<FarServer> {
  const near = new URL(natsUrl);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const gate = createServer((client) => {
    const server = connect(Number(near.port), near.hostname);
    for (const socket of [client, server]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(server);
    server.on('data', (chunk) => {
      if (!isSilent) setTimeout(() => client.write(chunk), delayMs);
    });
    server.on('close', () => client.destroy());
    client.on('close', () => server.destroy());
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const close = () => {
    gate.close();
    for (const socket of sockets) socket.destroy();
  };
  const silence = () => {
    isSilent = true;
  };
  return { url: `nats://127.0.0.1:${(gate.address() as AddressInfo).port}`, silence, close };
}
