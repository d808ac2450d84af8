import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serviceNames } from '@bascule/contracts';
import { locateDataDirectory, openDataDirectory, startOf } from '@bascule/launcher';
import { temporaryFolder } from '@bascule/testing';

export type Answer = { status: number; body: unknown };

export interface StandInStack {
  readonly dir: string;
  /** Requests as `METHOD path body`. */
  readonly requests: string[];
  close(): void;
}

/** A data directory that looks like that of a running stack, whose services answer what the test says. */
export async function standInStack(answer: (path: string) => Answer, natsUrl = 'nats://127.0.0.1:1'): Promise<StandInStack> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(`${request.method} ${request.url} ${body}`.trim());
    const { status, body: answered } = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const endpoint = { url, urls: [url], adminUrl: url, adminUrls: [url] };
  const dir = join(temporaryFolder('cli'), '.bascule');
  openDataDirectory(dir);
  const key = 'bsc_abcdefghijkl_secret';
  const keys = { client: key, operator: key, scientist: key, approver: key, auditor: key, admin: key };
  const info = {
    services: Object.fromEntries(serviceNames.map((name) => [name, endpoint])),
    console: { url, adminUrl: url },
    nats: { url: natsUrl },
    postgres: { url: 'postgres://127.0.0.1:1/none' },
    keys,
    pid: process.pid,
    startedAt: new Date().toISOString(),
    readyMs: 1,
  };
  writeFileSync(join(dir, 'stack.json'), JSON.stringify(info));
  const holder = { pid: process.pid, start: startOf(process.pid), since: new Date().toISOString() };
  writeFileSync(locateDataDirectory(dir).path('lock'), JSON.stringify(holder));
  return { dir, requests, close: () => server.close() };
}
