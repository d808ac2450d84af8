import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface RunEvent {
  readonly eventType: string;
  readonly run: { readonly runId: string };
}

/** Takes OpenLineage events as Marquez does. */
export async function startLineageServer() {
  const events: RunEvent[] = [];
  const keys = new Set<string | undefined>();
  let [isDown, tries] = [false, 0];
  const server = createServer(async (request, response) => {
    const event = (await json(request)) as RunEvent;
    tries++;
    const isTaken = !isDown && request.method === 'POST' && request.url === '/api/v1/lineage';
    if (isTaken) {
      events.push(event);
      keys.add(request.headers.authorization);
    }
    response.writeHead(isTaken ? 201 : 503).end();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    keys,
    tries: () => tries,
    setDown: (down: boolean) => {
      isDown = down;
    },
    stop: () => new Promise((done) => server.close(done)),
  };
}
