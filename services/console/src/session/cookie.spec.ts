import { describe, expect, it } from 'vitest';
import { cookieValue, setCookie } from './cookie.js';

describe('cookie', () => {
  it('reads one cookie among others', () => {
    expect(cookieValue('a=1; bascule_session=k%3D1 ; b=2', 'bascule_session')).toBe('k=1');
  });
  it('answers undefined without a header, and for a name that only ends alike', () => {
    expect(cookieValue(undefined, 's')).toBeUndefined();
    expect(cookieValue('xs=1', 's')).toBeUndefined();
  });
  it('takes a value that cannot be decoded for none', () => {
    expect(cookieValue('s=%zz', 's')).toBeUndefined();
  });
  it('goes over TLS only where there is TLS', () => {
    expect(setCookie('s', 'a', true)).toBe('s=a; Path=/; HttpOnly; SameSite=Strict; Secure');
  });
  it('keeps the cookie from scripts and other sites, and removes it when empty', () => {
    expect(setCookie('s', 'a b', false)).toBe('s=a%20b; Path=/; HttpOnly; SameSite=Strict');
    expect(setCookie('s', '', false)).toContain('Max-Age=0');
  });
});
