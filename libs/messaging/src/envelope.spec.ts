import { describe, expect, it } from 'vitest';
import { MalformedMessage, parseMessage } from './envelope.js';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.js';

const attributes = { specversion: '1.0', id: 'e1', source: 'urn:test', type: 'a.b.c.v1', time: '2026-01-02T03:04:05.000Z', subject: 'x' };
const binary = (overrides: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries({ ...attributes, ...overrides }).map(([name, value]) => [`ce-${name}`, value]));

describe('a CloudEvents header', () => {
  it('survives any text', () => {
    for (const text of ['plain', 'two words', '100 %', '"quoted"', 'Zürich', '鳥', '🪶', 'line\nbreak', '']) {
      const encoded = encodeHeaderValue(text);
      expect(encoded).toMatch(/^[\x21-\x7e]*$/);
      expect(decodeHeaderValue(encoded)).toBe(text);
    }
  });

  it('is encoded with upper-case hex and decoded once', () => {
    expect(encodeHeaderValue('é "%"')).toBe('%C3%A9%20%22%25%22');
    expect(decodeHeaderValue('%2541')).toBe('%41');
  });

  it('may hold a percent sign that encodes nothing', () => {
    expect(decodeHeaderValue('50%')).toBe('50%');
    expect(decodeHeaderValue('%zz')).toBe('%zz');
  });
});

describe('an event in binary mode', () => {
  it('has its attributes in headers, in any case, and its data as payload', () => {
    const headers = { 'CE-ID': 'e1', 'Ce-Source': 'urn:test', 'ce-specversion': '1.0', 'ce-type': 'a.b.c.v1', 'ce-subject': 'Z%C3%BCrich' };
    const { envelope, bytes } = parseMessage(headers, Buffer.from('{}'));
    expect(envelope).toMatchObject({ id: 'e1', type: 'a.b.c.v1', source: 'urn:test', subject: 'Zürich', correlationid: 'e1' });
    expect(Buffer.from(bytes).toString()).toBe('{}');
  });

  it('tells its cause, its place among the events of its entity and its trace', () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = binary({ correlationid: 'c', causationid: 'p', entityversion: '7', traceparent: trace });
    expect(parseMessage(headers, Buffer.of()).envelope).toMatchObject({
      correlationid: 'c',
      causationid: 'p',
      entityversion: 7,
      traceparent: trace,
    });
  });

  it.each([
    ['its id is missing', { id: '' }],
    ['its type is missing', { type: '' }],
    ['its source is missing', { source: '' }],
    ['it speaks another version', { specversion: '0.3' }],
    ['its time is no time', { time: 'yesterday' }],
    ['its entity version is no number', { entityversion: 'many' }],
    ['a header is not UTF-8', { subject: '%C3%28' }],
  ])('is malformed when %s', (_case, overrides) => {
    expect(() => parseMessage(binary(overrides), Buffer.of())).toThrow(MalformedMessage);
  });
});

describe('an event in structured mode', () => {
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const parse = (event: unknown) => parseMessage(headers, Buffer.from(JSON.stringify(event)));

  it('has everything in its payload', () => {
    const { envelope, bytes } = parse({ ...attributes, data: { a: 1 } });
    expect(envelope).toMatchObject({ id: 'e1', subject: 'x' });
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ a: 1 });
  });

  it('may carry bytes as base64', () => {
    expect([...parse({ ...attributes, data_base64: 'AQID' }).bytes]).toEqual([1, 2, 3]);
  });

  it.each([['text'], [null], [[1]], [{ ...attributes, id: { nested: true } }]])('is malformed when it is %j', (event) => {
    expect(() => parse(event)).toThrow(MalformedMessage);
  });
});
