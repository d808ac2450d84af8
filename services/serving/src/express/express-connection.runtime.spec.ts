import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { describe, it } from 'vitest';
import type { ComingBody } from '../overload/coming-bodies.js';
import { ExpressConnection, type ExpressStation } from './express-connection.runtime.js';
import type { PlainRequest } from './plain-request.js';

const head = (length: number) => `POST /v2/models/m/infer HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`;
const request = (body: string) => Buffer.from(head(body.length) + body);
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A connection whose station takes everything, unless `take` says otherwise. */
function connected(take?: (request: PlainRequest) => boolean | Promise<boolean>, mayExpect = true) {
  const [theirs, ours] = duplexPair();
  const seen = { bodies: [] as string[], handedOver: undefined as string | undefined, isClosed: false, forgotten: 0, expected: 0 };
  const station: ExpressStation = {
    isClosed: () => seen.isClosed,
    expect: ({ bodyAt, endAt }) => {
      if (!mayExpect) return undefined;
      seen.expected += endAt - bodyAt;
      return { bytes: endAt - bodyAt } as ComingBody;
    },
    cease: ({ bytes }) => {
      seen.expected -= bytes;
    },
    take: (asked, body) => {
      const isTaken = take?.(asked) ?? true;
      if (isTaken === true) seen.bodies.push(body.toString());
      return isTaken;
    },
    handOver: (socket) => {
      // as the web server, which reads at once
      seen.handedOver = '';
      socket.on('data', (chunk: Buffer) => {
        seen.handedOver += chunk.toString();
      });
    },
    forget: () => seen.forgotten++,
  };
  const connection = new ExpressConnection(ours as unknown as Socket, station);
  return { client: theirs, server: ours, connection, seen };
}

type Connected = ReturnType<typeof connected>;

describe('a connection of plain inferences', () => {
  it('begins a request only when the one before it is answered', async () => {
    const { client, connection, seen } = connected();
    client.write(Buffer.concat([request('1'), request('2'), request('3')]));
    await turn();
    assert.deepEqual(seen.bodies, ['1']);
    connection.reply('', '', true, false);
    assert.deepEqual(seen.bodies, ['1', '2']);
    connection.reply('', '', true, false);
    assert.deepEqual(seen.bodies, ['1', '2', '3']);
  });

  it('takes any number of requests out of one piece, also where each is answered before the next is looked at', async () => {
    const { client, connection, seen } = connected(() => {
      answer();
      return true;
    });
    const answer = () => connection.reply('', '', true, false);
    client.write(Buffer.concat(Array.from({ length: 5_000 }, (_, value) => request(String(value)))));
    await turn();
    assert.deepEqual(
      seen.bodies,
      Array.from({ length: 5_000 }, (_, value) => String(value)),
    );
  });

  it('begins nothing more while the client does not read its answers', async () => {
    const { client, server, connection, seen } = connected();
    client.write(Buffer.concat([request('1'), request('2')]));
    await turn();
    connection.reply('', 'x'.repeat(1_000_000), true, false);
    await turn();
    assert.ok(server.writableNeedDrain);
    assert.deepEqual(seen.bodies, ['1']);
    client.resume();
    while (server.writableNeedDrain) await turn();
    await turn();
    assert.deepEqual(seen.bodies, ['1', '2']);
  });

  it.each([
    ['half of a head', head(2).slice(0, 20)],
    ['half of a body', `${head(2)}{`],
  ])('is given to the web server with %s when the rest does not come', async (_, sent) => {
    const { client, connection, seen } = connected();
    client.write(sent);
    await turn();
    connection.check(0, 65_000);
    connection.check(5_000, 65_000);
    assert.equal(seen.handedOver, undefined);
    connection.check(5_001, 65_000);
    await turn();
    assert.equal(seen.handedOver, sent);
    assert.equal(seen.forgotten, 1);
  });

  it.each<[string, (connection: Connected) => void]>([
    ['has come', ({ client }) => client.write('34')],
    ['does not come', ({ connection }) => [0, 5_001].map((now) => connection.check(now, 65_000))],
    ['cannot come any more', ({ server }) => server.destroy()],
  ])('sets room aside for a body that has begun to come, once, until its rest %s', async (_, end) => {
    const its = connected();
    its.client.write(head(4));
    await turn();
    its.client.write('12');
    await turn();
    assert.equal(its.seen.expected, 4);
    end(its);
    for (let turns = 0; turns < 4; turns++) await turn();
    assert.equal(its.seen.expected, 0);
  });

  it('holds nothing of a body for whom may not be waited for here', async () => {
    const { client, seen } = connected(undefined, false);
    client.write(`${head(4)}12`);
    for (let turns = 0; turns < 4; turns++) await turn();
    assert.deepEqual([seen.handedOver, seen.expected], [`${head(4)}12`, 0]);
  });

  it('stays where it is while it has brought nothing, and ends when the web server would end it', async () => {
    const { client, server, connection, seen } = connected();
    connection.check(0, 65_000);
    connection.check(60_000, 65_000);
    client.write(request('1'));
    await turn();
    assert.deepEqual([seen.bodies, seen.handedOver], [['1'], undefined]);
    const silent = connected();
    silent.connection.check(0, 65_000);
    silent.connection.check(65_001, 65_000);
    assert.ok(silent.server.destroyed);
    assert.ok(!server.destroyed);
  });

  it('ends once it was silent for as long as the web server would keep it', async () => {
    const { client, server, connection } = connected();
    client.write(request('1'));
    await turn();
    connection.check(0, 65_000);
    connection.check(100_000, 65_000);
    assert.ok(!server.destroyed, 'it waits for its answer');
    connection.reply('', '', true, false);
    connection.check(200_000, 65_000);
    connection.check(265_000, 65_000);
    assert.ok(!server.destroyed);
    connection.check(265_001, 65_000);
    assert.ok(server.destroyed);
  });

  it('ends with the last answer, also when the client leaves its end open and more has come', async () => {
    const { client, server, connection, seen } = connected();
    client.write(Buffer.concat([request('1'), request('2')]));
    await turn();
    connection.reply('', 'answer', true, true);
    let received = '';
    client.on('data', (chunk: Buffer) => {
      received += chunk.toString();
    });
    for (let turns = 0; turns < 4; turns++) await turn();
    assert.equal(received, 'answer');
    assert.ok(server.destroyed);
    assert.deepEqual(seen.bodies, ['1']);
  });

  it.each([
    ['at once', () => false],
    ['after a look', () => Promise.resolve(false)],
  ])('hands over what is not taken %s, and all that has come behind it', async (_, take) => {
    const { client, seen } = connected(take);
    client.write(Buffer.concat([request('1'), request('2')]));
    client.write(request('3'));
    for (let turns = 0; turns < 4; turns++) await turn();
    assert.equal(seen.handedOver, `${request('1')}${request('2')}${request('3')}`);
  });

  it('hands over what comes once no request may begin any more', async () => {
    const { client, connection, seen } = connected();
    client.write(request('1'));
    await turn();
    seen.isClosed = true;
    connection.reply('', '', true, false);
    client.write(request('2'));
    for (let turns = 0; turns < 4; turns++) await turn();
    assert.equal(seen.handedOver, request('2').toString());
    assert.deepEqual(seen.bodies, ['1']);
  });
});
