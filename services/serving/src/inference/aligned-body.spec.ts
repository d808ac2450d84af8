import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, it } from 'vitest';
import { collectAligned } from './aligned-body.js';

const sent = (chunks: Buffer[], length?: number) =>
  Object.assign(Readable.from(chunks), {
    headers: length === undefined ? {} : { 'content-length': String(length) },
  }) as unknown as IncomingMessage;
const collect = (payload: IncomingMessage, headBytes: number, maxBytes = 100_000) =>
  new Promise<Buffer>((resolve, reject) => {
    collectAligned(payload, { headBytes, maxBytes }, (error, body) => (error ? reject(error) : resolve(body as Buffer)));
  });
const chunks = () => [Buffer.alloc(20_000, 1), Buffer.from('in between'), Buffer.allocUnsafeSlow(30_000).fill(2), Buffer.alloc(0)];

describe('a body with raw tensors', () => {
  it.each([0, 1, 7, 8, 93])('is whole, and aligned behind %i bytes of JSON', async (headBytes) => {
    const body = await collect(sent(chunks(), 50_010), headBytes);
    assert.deepEqual(body, Buffer.concat(chunks()));
    assert.equal((body.byteOffset + headBytes) % 8, 0);
  });

  it('may come without its length, and be empty', async () => {
    assert.equal((await collect(sent(chunks()), 3)).length, 50_010);
    assert.equal((await collect(sent([]), 3)).length, 0);
  });

  it('is refused when it is too large, announced or not, or not of the length announced', async () => {
    await assert.rejects(collect(sent(chunks(), 50_010), 0, 50_009), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' });
    await assert.rejects(collect(sent(chunks()), 0, 50_009), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' });
    await assert.rejects(collect(sent(chunks(), 50_000), 0), { code: 'FST_ERR_CTP_INVALID_CONTENT_LENGTH' });
  });
});
