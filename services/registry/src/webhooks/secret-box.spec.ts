import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { boxKey, openSealed, seal } from './secret-box.js';

const [one, other] = [boxKey(randomBytes(32)), boxKey(randomBytes(32))];

describe('a sealed secret', () => {
  it('is opened by its key, in its place, also when another key seals by now', () => {
    const sealed = seal('whsec_abc', one, 'hook-1');
    expect(sealed).not.toContain('whsec');
    expect(openSealed(sealed, [other, one], 'hook-1')).toBe('whsec_abc');
    expect(seal('whsec_abc', one, 'hook-1')).not.toBe(sealed);
  });

  it('is not opened by another key, for another place, or when it was changed', () => {
    const sealed = seal('whsec_abc', one, 'hook-1');
    expect(() => openSealed(sealed, [other], 'hook-1')).toThrow('no key');
    expect(() => openSealed(sealed, [one], 'hook-2')).toThrow();
    const [head, tail] = [sealed.slice(0, -4), sealed.slice(-4)];
    expect(() => openSealed(`${head}${tail === 'AAAA' ? 'BBBB' : 'AAAA'}`, [one], 'hook-1')).toThrow();
    expect(() => openSealed(`v1.${one.id}.AAAA.AAAA`, [one], 'hook-1')).toThrow();
    expect(() => openSealed('whsec_abc', [one], 'hook-1')).toThrow();
  });
});
