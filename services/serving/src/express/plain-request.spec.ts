import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { maxPlainBodyBytes, maxPlainHeadBytes, readPlainHead } from './plain-request.js';

const usual = ['POST /v2/models/m-1.a_B/infer HTTP/1.1', 'Host: a', 'authorization: Bearer k', 'Content-Type: application/json'];

function request(lines: readonly string[], body = '{}'): Buffer {
  return Buffer.from([...lines, `content-length: ${body.length}`, '', body].join('\r\n'), 'latin1');
}

describe('the head of a plain inference', () => {
  it('says for which model it is, who asks and where its body lies', () => {
    const bytes = request(
      [...usual, 'X-Request-ID:  r 1 ', 'traceparent: t', 'accept-encoding: gzip', 'Connection: Keep-Alive'],
      '{"a":1}',
    );
    const { bodyAt, endAt, ...said } = readPlainHead(Buffer.concat([bytes, Buffer.from('POST')])) as never as Record<string, number>;
    assert.deepEqual(said, {
      modelName: 'm-1.a_B',
      authorization: 'Bearer k',
      requestId: 'r 1',
      acceptEncoding: 'gzip',
      traceparent: 't',
      tracestate: undefined,
      baggage: undefined,
    });
    assert.equal(bytes.toString('latin1', bodyAt, endAt), '{"a":1}');
  });

  it('is unfinished as long as its blank line has not come', () => {
    const bytes = request(usual);
    const headBytes = bytes.indexOf('\r\n\r\n') + 4;
    for (let length = 1; length < headBytes; length++) assert.equal(readPlainHead(bytes.subarray(0, length)), 'unfinished');
    assert.equal(readPlainHead(Buffer.from('GET /v2')), undefined);
  });

  const [line = '', ...headers] = usual;
  const without = (name: string) => usual.filter((each) => !each.toLowerCase().startsWith(name));
  it.each<[string, readonly string[] | Buffer]>([
    ['another method', ['GET /v2/models/m/infer HTTP/1.1', ...headers]],
    ['a method in small letters', ['post /v2/models/m/infer HTTP/1.1', ...headers]],
    ['another version of HTTP', ['POST /v2/models/m/infer HTTP/1.0', ...headers]],
    ['another route', ['POST /v2/models/m/versions/1/infer HTTP/1.1', ...headers]],
    ['a query', ['POST /v2/models/m/infer?x=1 HTTP/1.1', ...headers]],
    ['an escaped name', ['POST /v2/models/%6d/infer HTTP/1.1', ...headers]],
    ['an absolute address', ['POST http://a/v2/models/m/infer HTTP/1.1', ...headers]],
    ['two blanks in its first line', ['POST  /v2/models/m/infer HTTP/1.1', ...headers]],
    ['an empty line first', ['', line, ...headers]],
    ['no host', without('host')],
    ['a header twice', [...usual, 'HOST: b']],
    ['a length twice', [...usual, 'content-length: 2']],
    ['an encoding of the transfer', [...usual, 'transfer-encoding: chunked']],
    ['an encoding of the body', [...usual, 'content-encoding: gzip']],
    ['an expectation', [...usual, 'expect: 100-continue']],
    ['the wish to end the connection', [...usual, 'connection: close']],
    ['an upgrade', [...usual, 'connection: keep-alive, upgrade', 'upgrade: h2c']],
    ['an unusual header', [...usual, 'idempotency-key: k']],
    ['another type of body', [...without('content-type'), 'content-type: application/octet-stream']],
    ['a blank before a colon', [...usual, 'via : b']],
    ['a folded line', [...usual, 'via: a', ' b']],
    ['a line without a colon', [...usual, 'via']],
    ['a tab', [...usual, 'via: a\tb']],
    ['a lone line feed', [...usual, 'via: a\nx-evil: b']],
    ['a lone carriage return', [...usual, 'via: a\rx-evil: b']],
    ['a zero byte', [...usual, 'via: a\0b']],
    ['a letter beyond ASCII', [...usual, 'via: \xe4']],
    ['a head that is too long', [...usual, `via: ${'a'.repeat(maxPlainHeadBytes)}`]],
    ['no body', request(usual, '')],
    ['a body that is too long', request(usual, 'x'.repeat(maxPlainBodyBytes + 1))],
    ...['-1', '+2', '0x2', '2.0', '2,2', '2 2', '', '1e1', '99999999999999999999'].map((length): [string, Buffer] => [
      `a length of "${length}"`,
      Buffer.from([...usual, `content-length: ${length}`, '', '{}'].join('\r\n')),
    ]),
  ])('is left to the web server with %s', (_, given) => {
    assert.equal(readPlainHead(given instanceof Buffer ? given : request(given)), undefined);
  });

  it('is read as the web server reads it, whatever was done to the bytes', async () => {
    const words = fc.constantFrom(
      ':',
      ' ',
      '\t',
      '\r',
      '\n',
      '\r\n',
      '\0',
      '\x7f',
      ',',
      '0',
      '1',
      'host: b',
      'content-length: 1',
      'Via: x',
      '\r\n\r\n',
    );
    const changes = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), word: words, cut: fc.nat({ max: 3 }) }), {
      maxLength: 3,
    });
    const original = request([...usual, 'Via: 1.1 x', 'X-Forwarded-For: a, b', 'traceparent: 00-1', 'user-agent: curl']).toString('latin1');
    let plain = 0;
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        let text = original;
        for (const { at, word, cut } of list) {
          const position = Math.floor(at * text.length);
          text = text.slice(0, position) + word + text.slice(position + cut);
        }
        const bytes = Buffer.from(text, 'latin1');
        const read = readPlainHead(bytes);
        if (read === undefined || read === 'unfinished' || bytes.length < read.endAt) return;
        plain++;
        const seen = await askWebServer(bytes.subarray(0, read.endAt));
        assert.equal(seen.url, `/v2/models/${read.modelName}/infer`);
        assert.equal(seen.body, bytes.toString('latin1', read.bodyAt, read.endAt));
        assert.equal(seen.headers['authorization'], read.authorization);
        assert.equal(seen.headers['traceparent'], read.traceparent);
        assert.equal(seen.headers['x-request-id'], read.requestId);
        assert.equal(seen.headers['transfer-encoding'], undefined);
      }),
      { numRuns: 500 },
    );
    assert.ok(plain > 20, `${plain} plain requests`);
  });
});

/** What Node's web server makes of the bytes: exactly one request, and nothing left behind it. */
function askWebServer(bytes: Buffer): Promise<{ url: string | undefined; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const server = createServer((asked, response) => {
      const chunks: Buffer[] = [];
      asked.on('data', (chunk: Buffer) => chunks.push(chunk));
      asked.on('end', () => {
        response.end();
        ours.end();
        resolve({ url: asked.url, headers: asked.headers, body: Buffer.concat(chunks).toString('latin1') });
      });
    });
    server.on('clientError', (error) => reject(new Error(`not for the web server: ${error.message}`)));
    const [ours, theirs] = duplexPair();
    ours.resume();
    server.emit('connection', theirs);
    ours.write(bytes);
  });
}
