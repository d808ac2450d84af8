import { expect, it } from 'vitest';
import { acceptsGzip } from './content-coding.js';

it.each([
  [undefined, false],
  ['', false],
  ['identity', false],
  ['br', false],
  ['gzip', true],
  ['deflate, gzip;q=1.0, *;q=0.5', true],
  ['GZIP', true],
  ['gzip;q=0', false],
  ['gzip; q=0.000', false],
  ['gzip;q=0.001', true],
  ['*', true],
  ['*;q=0', false],
  ['*, gzip;q=0', false],
])('Accept-Encoding %j takes gzip: %j', (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected);
});
