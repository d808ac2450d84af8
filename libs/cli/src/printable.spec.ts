import { expect, it } from 'vitest';
import { hexDump, printable, printableLine } from './printable.js';

it('escapes what a terminal would act on and leaves text alone', () => {
  expect(printable('\u001b[2Jgone\r\u0000\u009b31m')).toBe('\\x1b[2Jgone\\x0d\\x00\\x9b31m');
  expect(printable('a\u202eb')).toBe('a\\u{202e}b');
  expect(printable('Zürich 東京 ✓\nnext')).toBe('Zürich 東京 ✓\nnext');
  expect(printableLine('one\ntwo')).toBe('one\\ntwo');
});

it('shows bytes in hexadecimal with their letters', () => {
  expect(hexDump(Buffer.from('claims-triage v1\n'))).toBe(
    `00000000  63 6c 61 69 6d 73 2d 74 72 69 61 67 65 20 76 31  claims-triage v1\n00000010  0a${' '.repeat(45)}  .`,
  );
});

it('ends a long dump', () => {
  expect(hexDump(new Uint8Array(5000))).toContain('… 904 bytes more');
});
