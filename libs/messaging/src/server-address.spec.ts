import { expect, it } from 'vitest';
import { serverAddress } from './server-address.js';

it('takes user and password out of the URL', () => {
  expect(serverAddress('nats://registry:a%2Fb@127.0.0.1:4333')).toEqual({ servers: ['127.0.0.1:4333'], user: 'registry', pass: 'a/b' });
});

it('names several servers, and the usual port where none is given', () => {
  expect(serverAddress('nats://one,two:4223')).toEqual({ servers: ['one:4222', 'two:4223'] });
});
