import { describe, expect, it } from 'vitest';
import { KnownInspections } from './known-inspections.js';

describe('what is known of a thing', () => {
  const looks: string[] = [];
  const lookAt = (thing: string) => async () => {
    looks.push(thing);
    return `${thing} is good`;
  };

  it('is looked at once, also by many who ask at once, and again when it changed', async () => {
    const known = new KnownInspections<string>(10);
    expect(await Promise.all([1, 2, 3].map(() => known.find('a/1', lookAt('a'))))).toEqual(['a is good', 'a is good', 'a is good']);
    await known.find('a/1', lookAt('a'));
    expect(looks.splice(0)).toEqual(['a']);
    await known.find('a/2', lookAt('a'));
    expect(looks.splice(0)).toEqual(['a']);
  });

  it('is forgotten for what was asked for since', async () => {
    const known = new KnownInspections<string>(2);
    for (const thing of ['a', 'b', 'a', 'c', 'a', 'b']) await known.find(thing, lookAt(thing));
    expect(looks.splice(0)).toEqual(['a', 'b', 'c', 'b']);
  });

  it('is no failure to look: that is tried again', async () => {
    const known = new KnownInspections<string>(2);
    await expect(known.find('a', () => Promise.reject(new Error('the store is away')))).rejects.toThrow('the store is away');
    expect(await known.find('a', lookAt('a'))).toBe('a is good');
    looks.length = 0;
  });
});
