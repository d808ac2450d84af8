import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { replyHead } from './reply-head.js';

const answer = { status: 200, requestId: 'r-1', bodyBytes: 2, headers: { 'content-type': 'a/b' }, modelVersion: '3', date: 'today' };

describe('the head of an answer', () => {
  it('says what the web server would say', () => {
    assert.deepEqual(replyHead({ ...answer, keepAliveSeconds: 65 }).split('\r\n'), [
      'HTTP/1.1 200 OK',
      'x-request-id: r-1',
      'x-content-type-options: nosniff',
      'content-length: 2',
      'content-type: a/b',
      'x-bascule-model-version: 3',
      'Date: today',
      'Connection: keep-alive',
      'Keep-Alive: timeout=65',
      '',
      '',
    ]);
  });

  it('ends the connection when it is not kept', () => {
    const head = replyHead({ ...answer, status: 503, modelVersion: undefined, keepAliveSeconds: 0 });
    assert.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    assert.match(head, /\r\nConnection: close\r\n\r\n$/);
  });
});
