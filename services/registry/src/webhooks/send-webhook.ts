import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isLinkLocal } from './allowed-address.js';
import type { TryEnd } from './delivery-outcome.js';
import { webhookHeaders } from './webhook-signature.js';

export interface WebhookTry {
  readonly url: string;
  readonly messageId: string;
  readonly body: string;
  readonly secrets: readonly string[];
  readonly sentAt: Date;
  readonly timeoutMs: number;
}

/** Sends a message once. Redirects are not followed, and what is answered is not read. */
export function sendWebhook({ url, messageId, body, secrets, sentAt, timeoutMs }: WebhookTry): Promise<TryEnd> {
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'bascule-webhooks',
    ...webhookHeaders(messageId, sentAt, body, secrets),
  };
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = send(url, { method: 'POST', headers, lookup: guardedLookup, signal, agent: false }, (response) => {
      resolve({ status: response.statusCode ?? 0 });
      response.destroy();
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ error: signal.aborted ? `no answer within ${timeoutMs} ms` : (error.code ?? error.message) });
    });
    outgoing.end(body);
  });
}

/** A name that was harmless as the webhook was added may point to a link-local address by now. */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, address, family) => {
    const addresses = Array.isArray(address) ? address.map((one) => one.address) : [address];
    if (!error && addresses.some(isLinkLocal))
      callback(Object.assign(new Error('link-local'), { code: 'EADDRNOTALLOWED' }), address as string, family);
    else callback(error, address as string, family);
  });
};
