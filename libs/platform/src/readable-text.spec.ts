import { expect, it } from 'vitest';
import { mayHoldUnreadableText, unreadableTexts } from './readable-text.js';

it('names where NUL and lone surrogates are, in texts and in names', () => {
  const json = '{"reason":"a\\u0000","label":{"column":"\\ud83d"},"list":["fine",{"b\\u0000":1}]}';
  expect(mayHoldUnreadableText(json)).toBe(true);
  expect(unreadableTexts(JSON.parse(json))).toEqual([
    { path: 'reason', message: 'Text must not contain NUL characters' },
    { path: 'label.column', message: 'Text must not contain half of a surrogate pair' },
    { path: 'list.1.b\u0000', message: 'Text must not contain NUL characters' },
  ]);
});

it('lets whole pairs and escaped backslashes pass', () => {
  const json = '{"emoji":"\\ud83d\\ude00","path":"\\\\u0000"}';
  expect(unreadableTexts(JSON.parse(json))).toEqual([]);
  expect(mayHoldUnreadableText('{"plain":"text"}')).toBe(false);
});
