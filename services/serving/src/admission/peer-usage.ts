import type { DailyRows } from './daily-rows.js';
import type { UsageEntry } from './usage-entry.js';

/** A gateway that was silent for so long shares no limits any more. */
export const peerLiveMs = 4000;
/** At the start a gateway counts as running when it wrote so lately, by its own clock. */
const firstSightMs = 10_000;
/** What a stopped gateway wrote of itself is removed after so long; the rows of the day stay until the day is over. */
const forgottenMs = 3_600_000;

interface Peer {
  isLive: boolean;
  heardMs: number;
  atMs: number;
  readonly pages: Map<string, UsageEntry>;
}

/** What the other gateways told: who runs, what each is asked, and the rows each answered today. */
export class PeerUsage {
  private readonly peers = new Map<string, Peer>();

  constructor(private readonly rows: DailyRows) {}

  /** Takes an entry as it was written, or undefined for one that is gone. `nowMs` never goes back, `wallMs` is the time of day. */
  take(key: string, entry: UsageEntry | undefined, nowMs: number, wallMs: number): void {
    const [id, page] = split(key);
    const isFirst = !this.peers.has(id);
    const peer = this.peers.get(id) ?? { isLive: false, heardMs: nowMs, atMs: 0, pages: new Map() };
    this.peers.set(id, peer);
    if (page !== undefined) this.takePage(peer, page, entry);
    else if (entry) {
      const isRecent = Math.abs(wallMs - entry.atMs) < firstSightMs;
      peer.isLive = entry.isLive !== false && (isRecent || !isFirst);
      peer.heardMs = nowMs;
      peer.atMs = entry.atMs;
    } else peer.isLive = false;
    if (!entry && peer.pages.size === 0) this.peers.delete(id);
  }

  /** Counts silent gateways as stopped. Not to be called while nobody could be heard. */
  expire(nowMs: number): void {
    for (const peer of this.peers.values()) if (nowMs - peer.heardMs > peerLiveMs) peer.isLive = false;
  }

  /** Gateways that run, without this one. */
  live(): number {
    let live = 0;
    for (const { isLive } of this.peers.values()) if (isLive) live++;
    return live;
  }

  /** Requests per second that running gateways are asked, by key. */
  demand(): Map<string, number> {
    const demand = new Map<string, number>();
    for (const { isLive, pages } of this.peers.values()) {
      if (!isLive) continue;
      for (const page of pages.values()) {
        if (page.day !== this.rows.day) continue;
        for (const [keyId, rate] of Object.entries(page.demand ?? {})) demand.set(keyId, (demand.get(keyId) ?? 0) + rate);
      }
    }
    return demand;
  }

  /** Counts the rows of the day anew: for the first moment of a day, which some gateways reach before others. */
  recount(): void {
    this.rows.clearOthers();
    for (const { pages } of this.peers.values()) for (const page of pages.values()) this.count(page, 1);
  }

  /** Keys of entries nobody needs any more. */
  outdated(wallMs: number): string[] {
    const keys: string[] = [];
    for (const [id, { isLive, atMs, pages }] of this.peers) {
      if (isLive) continue;
      for (const [page, { day = 0 }] of pages) if (day < this.rows.day) keys.push(`${id}.${page}`);
      if (atMs > 0 && wallMs - atMs > forgottenMs) keys.push(id);
    }
    return keys;
  }

  private takePage(peer: Peer, page: string, entry: UsageEntry | undefined): void {
    const before = peer.pages.get(page);
    if (before) this.count(before, -1);
    if (entry) {
      peer.pages.set(page, entry);
      this.count(entry, 1);
    } else peer.pages.delete(page);
  }

  private count({ day, rows = {} }: UsageEntry, sign: 1 | -1): void {
    if (day !== this.rows.day) return;
    for (const [keyId, count] of Object.entries(rows)) this.rows.of(keyId).others += sign * count;
  }
}

function split(key: string): [id: string, page: string | undefined] {
  const at = key.indexOf('.');
  return at < 0 ? [key, undefined] : [key.slice(0, at), key.slice(at + 1)];
}
