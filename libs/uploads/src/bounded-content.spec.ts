import { PassThrough, Readable } from 'node:stream';
import { defineError } from '@bascule/platform';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { boundedContent } from './bounded-content.js';

const error = (code: string) => defineError({ code: `test.${code}`, kind: 'invalid', title: code, remedy: 'Correct it.' });
const errors = { tooLarge: error('too_large'), stalled: error('stalled') };
const sizeOf = async (content: AsyncIterable<Buffer>) => {
  let size = 0;
  for await (const chunk of content) size += chunk.length;
  return size;
};

describe('bounded content', () => {
  afterEach(() => vi.useRealTimers());

  it('is what was sent, up to the limit and no further', async () => {
    const body = () => Readable.from([Buffer.alloc(60), Buffer.alloc(40)]);
    expect(await sizeOf(boundedContent(body(), { limitBytes: 100 }, errors))).toBe(100);
    await expect(sizeOf(boundedContent(body(), { limitBytes: 99 }, errors))).rejects.toMatchObject({ code: 'test.too_large' });
  });

  it('is refused unread when it announces too much', () => {
    expect(() => boundedContent(Readable.from([]), { declaredBytes: 101, limitBytes: 100 }, errors)).toThrow('too_large');
  });

  it('leaves the connection open for the refusal', async () => {
    const body = new PassThrough();
    body.write(Buffer.alloc(10));
    await expect(sizeOf(boundedContent(body, { limitBytes: 5 }, errors))).rejects.toMatchObject({ code: 'test.too_large' });
    expect(body.destroyed).toBe(false);
  });

  it('ends with an error when its sender falls silent or goes away', async () => {
    vi.useFakeTimers();
    const silent = new PassThrough();
    const read = expect(sizeOf(boundedContent(silent, { limitBytes: 5 }, errors))).rejects.toMatchObject({ code: 'test.stalled' });
    await vi.advanceTimersByTimeAsync(120_001);
    await read;
    vi.useRealTimers();
    const gone = new PassThrough();
    const cut = expect(sizeOf(boundedContent(gone, { limitBytes: 5 }, errors))).rejects.toMatchObject({ code: 'test.stalled' });
    setImmediate(() => gone.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })));
    await cut;
  });
});
