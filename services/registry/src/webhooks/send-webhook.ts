import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type BlockList, isIP, type LookupFunction } from 'node:net';
import { isAllowedIp } from './allowed-address.js';
import type { TryEnd } from './delivery-outcome.js';
import { webhookHeaders } from './webhook-signature.js';

export interface WebhookTry {
  readonly url: string;
  readonly messageId: string;
  readonly body: string;
  readonly secrets: readonly string[];
  readonly sentAt: Date;
  readonly timeoutMs: number;
  /** Addresses of the own network that may be sent to. */
  readonly networks: BlockList;
}

/** Sends a message once. Redirects are not followed, and what is answered is not read. */
export function sendWebhook({ url, messageId, body, secrets, sentAt, timeoutMs, networks }: WebhookTry): Promise<TryEnd> {
  // an address in numbers is connected to without a look-up
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isAllowedIp(host, networks)) return Promise.resolve({ error: notAllowed });
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'bascule-webhooks',
    ...webhookHeaders(messageId, sentAt, body, secrets),
  };
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = send(url, { method: 'POST', headers, lookup: guardedLookup(networks), signal, agent: false }, (response) => {
      resolve({ status: response.statusCode ?? 0 });
      response.destroy();
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ error: signal.aborted ? `no answer within ${timeoutMs} ms` : (error.code ?? error.message) });
    });
    outgoing.end(body);
  });
}

const notAllowed = 'EADDRNOTALLOWED';

/** A name that was harmless as the webhook was added may point into the own network by now: what is connected to is what was looked at. */
const guardedLookup =
  (networks: BlockList): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const addresses = Array.isArray(address) ? address.map((one) => one.address) : [address];
      if (!error && addresses.some((one) => !isAllowedIp(one, networks)))
        callback(Object.assign(new Error('not allowed'), { code: notAllowed }), address as string, family);
      else callback(error, address as string, family);
    });
  };
