import { describe, expect, it } from 'vitest';
import { isAllowedAddress } from './allowed-address.js';

describe('the address of a webhook', () => {
  it('is on a host of the setting', () => {
    expect(isAllowedAddress('https://ci.example.org/hook', ['*'])).toBe(true);
    expect(isAllowedAddress('https://ci.example.org:8443/hook', ['ci.example.org'])).toBe(true);
    expect(isAllowedAddress('https://ci.example.org/hook', ['*.example.org'])).toBe(true);
    expect(isAllowedAddress('https://example.org.evil.test/hook', ['*.example.org', 'example.org'])).toBe(false);
    expect(isAllowedAddress('https://ci.example.org/hook', ['example.org'])).toBe(false);
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://0xa9fea9fe/',
    'http://metadata.google.internal/',
  ])('is never link-local: %s', (url) => {
    expect(isAllowedAddress(url, ['*'])).toBe(false);
  });
});
