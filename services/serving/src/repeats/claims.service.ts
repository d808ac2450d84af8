import { setTimeout as pause } from 'node:timers/promises';
import { idempotencyConflict, idempotencyInProgress } from '@bascule/database';
import { Clock, CONFIG, Logger, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import type { RepeatEntry } from './repeat-entry.js';
import { RepeatsStore, type StoredEntry } from './repeats.store.js';

/** The right to answer, kept alive until it is given up or the answer is there. */
export interface HeldClaim {
  readonly key: string;
  readonly entry: RepeatEntry;
  /** True when another gateway held it before and fell silent. */
  readonly isTakenOver: boolean;
  revision: number;
  renewing: Promise<void>;
}

/** Ours to answer, or answered already. */
export type Claimed = { readonly claim: HeldClaim } | { readonly claim?: undefined; readonly answered: RepeatEntry };

const firstPauseMs = 5;
const longestPauseMs = 200;
const storeAgainMs = 500;

/** Who answers a key: one gateway at a time, and another one when that has died. */
@Injectable()
export class ClaimsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: RepeatsStore,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** A claim that nobody has made yet; its owner is also the seed of the prediction ids. */
  draft(fingerprint: string): RepeatEntry {
    const owner = newId();
    const claimedAtMs = this.clock.now().getTime();
    return { state: 'claimed', fingerprint, seed: owner, claimedAtMs, owner, answer: new Uint8Array() };
  }

  /**
   * Makes the claim, or waits for the answer of whoever has made it.
   * @param waitUntil in milliseconds of `performance.now()`
   */
  async claim(key: string, draft: RepeatEntry, waitUntil: number): Promise<Claimed> {
    const revision = await this.store.write(key, draft, 0);
    if (revision !== undefined) return this.held(key, draft, revision);
    const seen = { revision: 0, at: 0 };
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      const claimed = await this.look(key, draft, seen);
      if (claimed) return claimed;
      if (performance.now() + pauseMs > waitUntil) throw idempotencyInProgress();
      await pause(pauseMs);
    }
  }

  /** What has become of a claim that somebody made: the answer, or the claim itself when it is free. Undefined while another one works. */
  private async look(key: string, draft: RepeatEntry, seen: { revision: number; at: number }): Promise<Claimed | undefined> {
    const stored = await this.store.read(key);
    const { entry, revision } = stored;
    if (!entry) return this.take(key, draft, revision, false);
    if (entry.fingerprint !== draft.fingerprint) throw idempotencyConflict();
    if (entry.state === 'answered') return { answered: entry };
    // our own claim, whose acknowledgement was lost
    if (entry.state === 'claimed' && entry.owner === draft.owner) return this.held(key, entry, revision);
    if (revision !== seen.revision) Object.assign(seen, { revision, at: performance.now() });
    if (entry.state === 'claimed' && !this.hasRunOut(stored, seen.at)) return undefined;
    return this.take(key, { ...entry, state: 'claimed', owner: draft.owner }, revision, true);
  }

  private async take(key: string, entry: RepeatEntry, inPlaceOf: number, isTakenOver: boolean): Promise<Claimed | undefined> {
    const revision = await this.store.write(key, entry, inPlaceOf);
    return revision === undefined ? undefined : this.held(key, entry, revision, isTakenOver);
  }

  /** Holds the claim while the work lasts. */
  async during<T>(claim: HeldClaim, work: () => Promise<T>): Promise<T> {
    // one after the other: each has to know the revision that the last one made
    const renew = () => {
      claim.renewing = claim.renewing.then(() => this.renew(claim));
    };
    const renewal = setInterval(renew, this.config.REPEATS_LEASE_MS / 3);
    try {
      return await work();
    } finally {
      clearInterval(renewal);
      await claim.renewing;
    }
  }

  /** Lets the next call with the key start anew; what cannot be given up runs out by itself. */
  async giveUp({ key, revision }: HeldClaim): Promise<void> {
    try {
      await this.store.remove(key, revision);
    } catch {
      // the store has said so
    }
  }

  /** Lets the next call with the key work again at once, for the same prediction ids; what cannot be opened runs out by itself. */
  async reopen({ key, entry, revision }: HeldClaim): Promise<void> {
    try {
      await this.store.write(key, { ...entry, state: 'open' }, revision);
    } catch {
      // the store has said so
    }
  }

  /**
   * Leaves the answer for repeats.
   * @returns false when another gateway holds the claim by now
   */
  async settle(claim: HeldClaim, answer: Uint8Array): Promise<boolean> {
    const entry: RepeatEntry = { ...claim.entry, state: 'answered', answer };
    try {
      return (await this.store.write(claim.key, entry, claim.revision)) !== undefined;
    } catch {
      // the rows are captured, under ids that a repeat would give them again: the caller need not wait for the store
      void this.settleLater(claim, entry);
      return true;
    }
  }

  private held(key: string, entry: RepeatEntry, revision: number, isTakenOver = false): Claimed {
    return { claim: { key, entry, revision, isTakenOver, renewing: Promise.resolve() } };
  }

  // the clocks of two machines differ; a claim taken over too early gives the same ids, so that nothing counts twice
  private hasRunOut({ writtenAtMs }: StoredEntry, seenAt: number): boolean {
    const ageMs = Math.max(this.clock.now().getTime() - writtenAtMs, performance.now() - seenAt);
    return ageMs > this.config.REPEATS_LEASE_MS;
  }

  private async renew(claim: HeldClaim): Promise<void> {
    try {
      claim.revision = (await this.store.write(claim.key, claim.entry, claim.revision)) ?? claim.revision;
    } catch {
      // the store has said so
    }
  }

  private async settleLater(claim: HeldClaim, entry: RepeatEntry): Promise<void> {
    const giveUpAt = performance.now() + this.config.REPEATS_LEASE_MS * 6;
    while (performance.now() < giveUpAt) {
      await pause(storeAgainMs, undefined, { ref: false });
      try {
        await this.store.write(claim.key, entry, claim.revision);
        return;
      } catch {
        // NATS is still away
      }
    }
    this.log.warn({ seed: entry.seed }, 'an answer was not kept for repeats');
  }
}
