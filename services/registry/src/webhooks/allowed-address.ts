import { isIPv4, isIPv6 } from 'node:net';

/**
 * Whether a webhook may go there: to hosts of the setting, and never to link-local addresses, where clouds hand out the
 * secrets of their machines.
 */
export function isAllowedAddress(url: string, hosts: readonly string[]): boolean {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isLinkLocal(host)) return false;
  return hosts.some((allowed) => allowed === '*' || host === allowed || (allowed.startsWith('*.') && host.endsWith(allowed.slice(1))));
}

/** Whether an address, as a name resolved to it or as it was written, is link-local. */
export function isLinkLocal(address: string): boolean {
  if (isIPv4(address)) return address.startsWith('169.254.');
  if (!isIPv6(address)) return address === 'metadata.google.internal';
  return /^fe[89ab]/i.test(address) || /^::ffff:(169\.254\.|a9fe:)/i.test(address) || address === 'fd00:ec2::254';
}
