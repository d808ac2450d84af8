import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Where the installation lets webhooks go. */
export interface AllowedAddresses {
  /** Names of hosts; `*.example.org` stands for all below, `*` for any. */
  readonly hosts: readonly string[];
  /** Addresses that are not of the public internet and allowed all the same. */
  readonly networks: BlockList;
}

/** @param networks addresses, or blocks of them as `10.1.0.0/16` @throws when one is none */
export function networksOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    // an empty text is the number 0, and that all addresses
    if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) throw new Error(`${network} is no block of addresses`);
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

// where clouds hand out the secrets of their machines, whatever the settings say
const never = networksOf(['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254']);

// not of the public internet: this machine, its network, and what stands for such addresses (RFC 6890, RFC 4291, RFC 6052, RFC 3056)
const inside = networksOf([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...[
    '::/128',
    '::1/128',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
    'fc00::/7',
    'fec0::/10',
  ],
  ...['ff00::/8'],
]);

/** Whether an address of a webhook names a host of the settings; what its name resolves to is asked when it is sent to. */
export function isAllowedUrl(url: string, { hosts, networks }: AllowedAddresses): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'metadata.google.internal') return false;
  const isListed = hosts.some(
    (allowed) => allowed === '*' || host === allowed || (allowed.startsWith('*.') && host.endsWith(allowed.slice(1))),
  );
  if (!isListed) return false;
  return isIP(host) === 0 ? !/(^|\.)localhost$/.test(host) || isAllowedIp('127.0.0.1', networks) : isAllowedIp(host, networks);
}

/** Whether a message may be sent to this address: one of the public internet, or one that the settings allow by its number. */
export function isAllowedIp(address: string, networks: BlockList): boolean {
  // v4 in the dress of v6, ::ffff:a.b.c.d and the older ::a.b.c.d, is judged as what it is
  const mapped = mappedV4(address);
  if (mapped !== undefined) return isAllowedIp(mapped, networks);
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (isIP(address) === 0 || never.check(address, family)) return false;
  return !inside.check(address, family) || networks.check(address, family);
}

function mappedV4(address: string): string | undefined {
  if (!isIPv6(address)) return undefined;
  // the URL parser writes the shortest form, with the last 32 bits in hex
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, '')}]/`);
  const [, high, low] = /^\[::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.');
}
