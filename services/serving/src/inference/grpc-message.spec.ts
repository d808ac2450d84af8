import assert from 'node:assert/strict';
import { it } from 'vitest';
import { grpcMessage } from './grpc-message.js';

it.each([
  ['input "i8": element 0 is 300, which is no INT8 (a/b; c)', 'input "i8": element 0 is 300, which is no INT8 (a/b; c)'],
  ['100 %', '100 %25'],
  ['größer\n名', 'gr%C3%B6%C3%9Fer%0A%E5%90%8D'],
])('the message %j goes as gRPC encodes it, and comes back whole', (text, encoded) => {
  assert.equal(grpcMessage(text), encoded);
  assert.equal(decodeURIComponent(grpcMessage(text)), text);
});
