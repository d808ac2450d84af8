import type { IncomingMessage } from 'node:http';
import type { Credential } from '@bascule/access';
import { traceparentOf } from './caller.js';
import type { InferenceCall } from './inference.service.js';
import type { InferenceRequest } from './inference-request.js';

/** Who asks for which model, as the address and the key say. */
export interface RestCaller {
  readonly modelName: string;
  readonly version?: string | undefined;
  readonly credential: Credential;
  readonly requestId: string;
}

/** A call as REST carries it: the body, and what the headers add to it. */
export function restCall(caller: RestCaller, { headers, socket }: IncomingMessage, request: InferenceRequest): InferenceCall {
  const pin = headers['x-bascule-model-version'];
  const idempotencyKey = headers['idempotency-key'];
  return {
    ...caller,
    pin: typeof pin === 'string' ? pin : undefined,
    traceparent: traceparentOf(headers['traceparent']),
    idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
    wantsReceipt: headers['x-bascule-receipt'] === '1',
    isAbandoned: () => socket.destroyed,
    request,
  };
}
