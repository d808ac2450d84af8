import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'vitest';
import { waitUntilReady } from './readiness.js';

it('tells what a process that does not become ready said last', async () => {
  const server = createServer((_, response) => response.writeHead(503).end('postgres is away'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await assert.rejects(
    waitUntilReady(`http://127.0.0.1:${port}`, 100, () => undefined),
    /not ready after 0.1 s \(postgres is away\)/,
  );
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(
    waitUntilReady('http://127.0.0.1:4045', 100, () => undefined),
    /fetch failed: bad port/,
  );
});
