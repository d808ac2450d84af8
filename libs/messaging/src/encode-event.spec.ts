import { accessChanged, predictionLogged } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { encodeBlock, encodeEvent } from './encode-event.js';
import { parseJson, parseMessage } from './envelope.js';
import { runInEventContext } from './event-context.js';

const data = { keyId: 'k 1', identity: 'Ada', change: 'created' as const, roles: ['admin'], changedBy: 'Grace' };

describe('an encoded event', () => {
  it('reads back as it was written', () => {
    const { headers, payload, subject } = encodeEvent({ definition: accessChanged, data, id: 'e1', time: '2026-01-02T03:04:05.000Z' });
    const { envelope, bytes } = parseMessage(headers, payload);
    expect(subject).toBe(accessChanged.type);
    expect(envelope).toEqual({
      id: 'e1',
      type: accessChanged.type,
      source: 'urn:bascule:governance',
      time: '2026-01-02T03:04:05.000Z',
      subject: 'k 1',
      correlationid: 'e1',
    });
    expect(parseJson(bytes)).toEqual(data);
  });

  it('is known to JetStream by its id', () => {
    const { id, headers } = encodeEvent({ definition: accessChanged, data });
    expect(headers['Nats-Msg-Id']).toBe(id);
  });

  it('is refused when its data does not fit', () => {
    expect(() => encodeEvent({ definition: accessChanged, data: { ...data, change: 'lost' as 'created' } })).toThrow();
  });

  it('follows from the event being handled', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const context = { correlationId: 'first', causationId: 'handled', traceparent };
    const { headers } = runInEventContext(context, () => encodeEvent({ definition: accessChanged, data }));
    expect(headers).toMatchObject({ 'ce-correlationid': 'first', 'ce-causationid': 'handled', 'ce-traceparent': traceparent });
  });
});

describe('an encoded block', () => {
  it('keeps its bytes and takes its own id', () => {
    const { headers, payload } = encodeBlock({ definition: predictionLogged, bytes: Uint8Array.of(1, 2), id: 'block-1' });
    expect(headers).toMatchObject({ 'ce-id': 'block-1', 'Nats-Msg-Id': 'block-1', 'ce-datacontenttype': 'application/protobuf' });
    expect([...payload]).toEqual([1, 2]);
  });
});
