import { describe, expect, it } from 'vitest';
import { clientErrorResponse } from './client-error.js';

const answerTo = (code: string, message = 'Parse Error') => {
  const [head = '', body = ''] = clientErrorResponse(Object.assign(new Error(message), { code }), 'r-1').split('\r\n\r\n');
  return { head, body: JSON.parse(body), length: Buffer.byteLength(body) };
};

describe('a request that cannot be parsed', () => {
  it('is answered by a problem with a stable code', () => {
    const codes = ['HPE_HEADER_OVERFLOW', 'ERR_HTTP_REQUEST_TIMEOUT', 'HPE_INVALID_CONTENT_LENGTH', 'whatever'];
    expect(codes.map((code) => answerTo(code).body).map(({ status, code }) => [status, code])).toEqual([
      [431, 'platform.headers_too_large'],
      [408, 'platform.request_timed_out'],
      [400, 'platform.malformed_request'],
      [400, 'platform.malformed_request'],
    ]);
  });

  it('gets a whole response that names the reason and closes the connection', () => {
    const { head, body, length } = answerTo('HPE_INVALID_CONTENT_LENGTH', 'Parse Error: Invalid character in Content-Length');
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(head).toContain(`content-length: ${length}`);
    expect(head).toContain('connection: close');
    expect(body).toMatchObject({ instance: 'urn:bascule:request:r-1', detail: body.error });
    expect(body.detail).toContain('Invalid character in Content-Length');
  });
});
