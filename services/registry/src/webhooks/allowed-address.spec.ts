import { describe, expect, it } from 'vitest';
import { isAllowedIp, isAllowedUrl, networksOf } from './allowed-address.js';

const none = networksOf([]);
const isAllowed = (url: string, hosts: string[], networks: string[] = []) => isAllowedUrl(url, { hosts, networks: networksOf(networks) });

describe('the address of a webhook', () => {
  it('is on a host of the setting', () => {
    expect(isAllowed('https://ci.example.org/hook', ['*'])).toBe(true);
    expect(isAllowed('https://ci.example.org:8443/hook', ['ci.example.org'])).toBe(true);
    expect(isAllowed('https://ci.example.org/hook', ['*.example.org'])).toBe(true);
    expect(isAllowed('https://example.org.evil.test/hook', ['*.example.org', 'example.org'])).toBe(false);
    expect(isAllowed('https://ci.example.org/hook', ['example.org'])).toBe(false);
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://0xa9fea9fe/',
    'http://metadata.google.internal/',
  ])('is never link-local: %s', (url) => {
    expect(isAllowed(url, ['*'], ['0.0.0.0/0', '::/0'])).toBe(false);
  });

  it.each([
    ...['http://127.0.0.1/', 'http://2130706433/', 'http://127.1/', 'http://0/', 'http://localhost/', 'http://ci.localhost:8080/'],
    ...['http://10.1.2.3/', 'http://172.31.0.1/', 'http://192.168.0.1/', 'http://100.64.0.1/', 'http://[::1]/', 'http://[::]/'],
    ...[
      'http://[::ffff:127.0.0.1]/',
      'http://[::ffff:7f00:1]/',
      'http://[::7f00:1]/',
      'http://[fd12:3456::1]/',
      'http://[64:ff9b::7f00:1]/',
    ],
    ...['http://[2002:7f00:1::]/', 'http://224.0.0.1/', 'http://255.255.255.255/'],
  ])('is not within the own network unless a setting says so: %s', (url) => {
    expect(isAllowed(url, ['*'])).toBe(false);
  });

  it('is within the own network where a setting allows the number', () => {
    expect(isAllowed('http://10.1.2.3/', ['*'], ['10.1.0.0/16'])).toBe(true);
    expect(isAllowed('http://10.2.2.3/', ['*'], ['10.1.0.0/16'])).toBe(false);
    expect(isAllowed('http://localhost:9/', ['*'], ['127.0.0.1'])).toBe(true);
    expect(isAllowed('http://[fd12:3456::1]/', ['*'], ['fd12:3456::/32'])).toBe(true);
    expect(isAllowed('http://10.1.2.3/', ['*.example.org'], ['10.1.0.0/16'])).toBe(false);
  });

  it.each(['10.1.0.0/', '10.1.0.0/x', '10.1.0.0/33', 'ci.example.org', '10.1/16'])('is in no network %s', (network) => {
    expect(() => networksOf([network])).toThrow();
  });

  it('is judged again by what its name resolves to', () => {
    expect(isAllowedIp('93.184.215.14', none)).toBe(true);
    expect(isAllowedIp('2606:2800:21f:cb07:6820:80da:af6b:8b2c', none)).toBe(true);
    for (const address of ['127.0.0.1', '::1', '::ffff:10.0.0.1', 'fe80::1%eth0', 'nonsense'])
      expect(isAllowedIp(address, none)).toBe(false);
  });
});
