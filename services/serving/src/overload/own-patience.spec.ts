import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { timeoutAtEnd } from './own-patience.js';

const input = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] };
const timeoutOf = (text: string) => timeoutAtEnd(Buffer.from(text));
const body = (rest: object) => JSON.stringify({ inputs: [input], ...rest });

describe('the timeout at the end of a body', () => {
  it('is read in milliseconds without what stands before it', () => {
    assert.equal(timeoutOf(body({ parameters: { timeout: 250_000 } })), 250);
    assert.equal(timeoutOf(body({ parameters: { client_record_id: '}{"', timeout: 1_500 } })), 1.5);
    assert.equal(timeoutOf(`${'['.repeat(100_000)}${body({ parameters: { timeout: 250_000 } })}`), 250);
    assert.equal(timeoutOf(JSON.stringify({ inputs: [input], parameters: { timeout: 2_000 } }, null, 2)), 2);
  });

  it('is not known where there is none, or where it stands elsewhere', () => {
    assert.equal(timeoutOf(body({})), undefined);
    assert.equal(timeoutOf(body({ parameters: {} })), undefined);
    assert.equal(timeoutOf(body({ parameters: null })), undefined);
    const data = Array.from({ length: 1_000 }, (_, index) => index);
    assert.equal(timeoutOf(JSON.stringify({ parameters: { timeout: 1_000 }, inputs: [{ ...input, data }] })), undefined);
    assert.equal(timeoutOf(''), undefined);
  });

  it('is never that of a tensor or of text', () => {
    assert.equal(timeoutOf(JSON.stringify({ inputs: [{ ...input, parameters: { timeout: 1_000 } }] })), undefined);
    assert.equal(timeoutOf(body({ outputs: [{ name: 'y', parameters: { timeout: 1_000 } }] })), undefined);
    assert.equal(timeoutOf(JSON.stringify({ inputs: [{ data: ['"parameters":{"timeout":1000}}'] }] })), undefined);
    // a member whose name ends like it
    assert.equal(timeoutOf('{"inputs":[],"\\"parameters":{"timeout":1000}}'), undefined);
    assert.equal(timeoutOf('{"inputs":[],"my parameters":{"timeout":1000}}'), undefined);
  });

  it('is not known when it limits nothing or is no number', () => {
    for (const timeout of [0, -5, 1.5, '1000', null, true]) assert.equal(timeoutOf(body({ parameters: { timeout } })), undefined);
  });
});
