import { expect, it } from 'vitest';
import { DigestSet } from './digest-set.js';

it('a digest set knows each text once, however many there are', () => {
  const set = new DigestSet();
  const texts = Array.from({ length: 50_000 }, (_, i) => `text ${i}`);
  expect(texts.filter((text) => set.add(text))).toHaveLength(50_000);
  expect(texts.filter((text) => set.add(text))).toEqual([]);
});
