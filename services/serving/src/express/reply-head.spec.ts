import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { type ReplyForm, ReplyHeads } from './reply-head.js';

const headers = { 'content-type': 'a/b' };
const form: ReplyForm = { status: 200, headers, modelVersion: '3', date: 'today', keepAliveSeconds: 65 };
const linesOf = (given: ReplyForm, heads = new ReplyHeads()) => heads.next(given, 'r-1', 2).split('\r\n');

describe('the head of an answer', () => {
  it('says what the web server would say', () => {
    assert.deepEqual(linesOf(form), [
      'HTTP/1.1 200 OK',
      'x-content-type-options: nosniff',
      'content-type: a/b',
      'x-bascule-model-version: 3',
      'Date: today',
      'Connection: keep-alive',
      'Keep-Alive: timeout=65',
      'x-request-id: r-1',
      'content-length: 2',
      '',
      '',
    ]);
  });

  it('ends the connection when it is not kept', () => {
    const lines = linesOf({ ...form, status: 503, modelVersion: undefined, keepAliveSeconds: 0 });
    assert.equal(lines[0], 'HTTP/1.1 503 Service Unavailable');
    assert.ok(lines.includes('Connection: close'));
    assert.ok(!lines.some((line) => /keep-alive|model-version/i.test(line)));
  });

  it.each<Partial<ReplyForm>>([
    { status: 400 },
    { headers: { 'content-type': 'c/d' } },
    { modelVersion: '4' },
    { modelVersion: undefined },
    { date: 'tomorrow' },
    { keepAliveSeconds: 0 },
  ])('is another one behind an answer of another form: %j', (change) => {
    const heads = new ReplyHeads();
    const other = { ...form, ...change };
    for (const given of [form, other, form, form, other, other]) assert.deepEqual(linesOf(given, heads), linesOf(given));
  });

  it('names each request and each length', () => {
    const heads = new ReplyHeads();
    assert.match(heads.next(form, 'a', 1), /x-request-id: a\r\ncontent-length: 1\r\n\r\n$/);
    assert.match(heads.next(form, 'b', 22), /x-request-id: b\r\ncontent-length: 22\r\n\r\n$/);
  });
});
