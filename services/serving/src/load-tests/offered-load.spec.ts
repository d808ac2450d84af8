import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { offerLoad } from './offered-load.js';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(answer: (count: number) => { status: number; afterMs: number }): Promise<string> {
  let count = 0;
  const server = createServer((incoming, response) => {
    const { status, afterMs } = answer(++count);
    incoming.resume().once('end', () => setTimeout(() => response.writeHead(status).end('{}'), afterMs));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('offered load', () => {
  it('asks as often as planned and counts what is not answered with 200', async () => {
    const url = await serve((count) => ({ status: count > 50 && count % 10 === 0 ? 500 : 200, afterMs: 0 }));
    const found = await offerLoad(url, Buffer.from('{}'), { requestsPerSecond: 50, seconds: 2, connections: 8 });
    expect(found).toMatchObject({ requestCount: 100, failedCount: 10 });
    expect(found.p99Ms).toBeGreaterThan(0);
  });

  it('is not asked for long before it counts of a model that is slow', async () => {
    let asked = 0;
    const url = await serve((count) => {
      asked = count;
      return { status: 200, afterMs: 50 };
    });
    await offerLoad(url, Buffer.from('{}'), { requestsPerSecond: 10, seconds: 0.2, connections: 1 });
    expect(asked).toBeLessThan(20);
  });

  it('counts the time that requests wait for a connection, and gives up in the end', async () => {
    const url = await serve((count) => ({ status: 200, afterMs: count > 50 ? 200 : 0 }));
    // two connections answer 10 a second at most, and 400 are asked
    const found = await offerLoad(url, Buffer.from('{}'), { requestsPerSecond: 400, seconds: 0.2, connections: 2 });
    expect(found.failedCount).toBeGreaterThan(40);
    expect(found.p99Ms).toBeGreaterThan(80);
  });
});
