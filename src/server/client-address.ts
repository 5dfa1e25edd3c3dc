import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Tells trusted proxies from strangers and finds the address of the client behind them. */
export interface AddressReader {
  /** True when the peer of the connection is a proxy whose forwarded headers count. */
  trusts(peer: string | undefined): boolean;
  /** The right-most hop that is not a trusted proxy; the peer itself when it is a stranger. */
  clientOf(peer: string | undefined, forwardedFor: string | undefined): string;
}

const MOST_TOLD = 20;
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
const FORWARDED =
  /^(?:forwarded|x-(?:forwarded|astro|middleware|original|rewrite|real-ip|client-ip|cluster-client-ip)|(?:true-client|cf-connecting)-ip)/;

/**
 * Makes a reader that trusts the given proxies: addresses or CIDR blocks, IPv4 or IPv6.
 * Throws a RangeError naming an entry that is neither.
 */
export function createAddressReader(trustedProxies: readonly string[]): AddressReader {
  const list = blockList(trustedProxies);
  const isTrusted = (address: string): boolean =>
    trustedProxies.length > 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return {
    trusts: (peer) => peer !== undefined && isTrusted(plainAddress(peer)),
    clientOf(peer, forwardedFor) {
      let client = plainAddress(peer ?? '');
      if (client === '' || !isTrusted(client)) return client;
      for (const hop of (forwardedFor ?? '').split(',').toReversed()) {
        const address = hopAddress(hop);
        if (address === undefined) return client;
        client = address;
        if (!isTrusted(client)) return client;
      }
      return client;
    },
  };
}

/**
 * Looks at requests that came through a proxy nearby which nobody named, and tells of each such proxy once: it makes one client of all who
 * come through it.
 */
export function watchProxies(
  addresses: AddressReader,
  tell: (peer: string) => void = () => {},
): (peer: string | undefined, headers: IncomingHttpHeaders) => void {
  const told = new Set<string>();
  return (peer, headers) => {
    if (peer === undefined || told.has(peer) || told.size >= MOST_TOLD) return;
    const isForwarded = headers['x-forwarded-for'] ?? headers.forwarded ?? headers.via;
    if (isForwarded === undefined || addresses.trusts(peer) || !isNear(peer)) return;
    told.add(peer);
    tell(peer);
  };
}

/** True for an address of this machine or of a private network, where proxies are and customers are not. */
export function isNear(peer: string | undefined): boolean {
  const address = plainAddress(peer ?? '');
  return isIP(address) !== 0 && NEAR.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Removes every header with which a client could claim to be forwarded, rewritten or somebody else. */
export function stripForwarded(headers: IncomingHttpHeaders): void {
  for (const name in headers) {
    const first = name.charCodeAt(0);
    if ((first === 120 || first === 102 || first === 116 || first === 99) && FORWARDED.test(name)) {
      delete headers[name];
    }
  }
}

/** The key under which an address is limited: an IPv4 address, or the /64 network of an IPv6 one. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

const NEAR = blockList(['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1', 'fc00::/7']);

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.trim().split('/');
    const version = isIP(address);
    const size = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
    const fits = /^\d{1,3}$/.test(bits ?? '0') && size <= (version === 6 ? 128 : 32);
    if (version === 0 || !fits) throw new RangeError(`Not an address or network of a proxy: ${entry}`);
    list.addSubnet(address, size, version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function plainAddress(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address;
}

/** One entry of X-Forwarded-For, which some proxies write with a port. */
function hopAddress(hop: string): string | undefined {
  const text = hop.trim();
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  return isIP(bare) === 0 ? undefined : plainAddress(bare);
}
