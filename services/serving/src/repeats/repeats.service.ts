import { hash } from 'node:crypto';
import { invalidIdempotencyKey } from '@bascule/database';
import { BasculeError, CONFIG, type ErrorKind, Metrics } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { answerTooLargeToKeep } from '../errors.js';
import { type Claimed, ClaimsService, type HeldClaim } from './claims.service.js';
import type { AnswerCodec } from './stored-answer.js';

/** A call that may come again. */
export interface RepeatableCall {
  readonly idempotencyKey: string;
  /** The credential: a key of one client means nothing to another. */
  readonly keyId: string;
  readonly modelName: string;
  /** Of the request, see `fingerprint.ts`. */
  readonly fingerprint: string;
  /** In milliseconds of `performance.now()`. */
  readonly deadlineAt?: number | undefined;
}

/** What is fixed before the first run, so that a run after a crash makes the same predictions. */
export interface RepeatSeed<Answer> {
  readonly seed: string;
  /** When the first call was received, in milliseconds since 1970, UTC. */
  readonly claimedAtMs: number;
  /** Call before anything is captured. @throws serving.answer_too_large_to_keep */
  requireRoom(answer: Answer): void;
}

// NATS takes messages up to 1 MB
const maxAnswerBytes = 900_000;

/**
 * Answers a call once, however often it comes and to whichever gateway. The first call claims its key in a bucket that
 * all gateways share, works, and leaves its answer there; the others wait for it. A claim whose gateway has died is
 * taken over after `REPEATS_LEASE_MS`, with the prediction ids it fixed.
 */
@Injectable()
export class RepeatsService {
  private readonly calls;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly claims: ClaimsService,
    metrics: Metrics,
  ) {
    this.calls = metrics.counter('serving_repeats_total', 'Calls with an Idempotency-Key, by outcome');
  }

  /** @throws platform.idempotency_conflict, platform.idempotency_in_progress, serving.repeats_unavailable, and what `work` throws */
  async once<Answer>(
    call: RepeatableCall,
    codec: AnswerCodec<Answer>,
    work: (seed: RepeatSeed<Answer>) => Promise<Answer>,
  ): Promise<{ answer: Answer; isReplay: boolean }> {
    if (!/^[\x21-\x7e]{1,200}$/.test(call.idempotencyKey)) throw invalidIdempotencyKey();
    const key = hash('sha256', JSON.stringify([call.keyId, call.modelName, call.idempotencyKey]), 'hex');
    const claimed = await this.counting(() => this.claims.claim(key, this.claims.draft(call.fingerprint), this.waitUntil(call)));
    if (!claimed.claim) return { answer: codec.decode(claimed.answered.answer), isReplay: true };
    const { claim } = claimed;
    const answer = await this.work(claim, codec, work);
    if (codec.isFinal?.(answer) === false) {
      await this.claims.reopen(claim);
      return { answer, isReplay: false };
    }
    if (await this.claims.settle(claim, codec.encode(answer))) return { answer, isReplay: false };
    // somebody thought us dead and has taken over: one answer for all
    const other = await this.claims.claim(key, claim.entry, this.waitUntil(call));
    if (!other.claim) return { answer: codec.decode(other.answered.answer), isReplay: true };
    await this.claims.settle(other.claim, codec.encode(answer));
    return { answer, isReplay: false };
  }

  private async work<Answer>(
    claim: HeldClaim,
    codec: AnswerCodec<Answer>,
    work: (seed: RepeatSeed<Answer>) => Promise<Answer>,
  ): Promise<Answer> {
    const { seed, claimedAtMs } = claim.entry;
    try {
      return await this.claims.during(claim, () => work({ seed, claimedAtMs, requireRoom: (answer) => requireRoom(codec.encode(answer)) }));
    } catch (error) {
      // rows may be captured by now: whoever tries again finds their ids; a request that was wrong leaves nothing behind
      await (isWrong(error) ? this.claims.giveUp(claim) : this.claims.reopen(claim));
      throw error;
    }
  }

  private async counting(claim: () => Promise<Claimed>): Promise<Claimed> {
    try {
      const claimed = await claim();
      this.calls.add(1, { outcome: claimed.claim ? (claimed.claim.isTakenOver ? 'taken-over' : 'first') : 'replayed' });
      return claimed;
    } catch (error) {
      this.calls.add(1, { outcome: error instanceof BasculeError ? error.code : 'platform.unexpected' });
      throw error;
    }
  }

  private waitUntil({ deadlineAt }: RepeatableCall): number {
    const { REPEATS_LEASE_MS, MODEL_DEADLINE_MS } = this.config;
    return Math.min(deadlineAt ?? Number.POSITIVE_INFINITY, performance.now() + REPEATS_LEASE_MS + MODEL_DEADLINE_MS);
  }
}

const wrongKinds: readonly ErrorKind[] = ['invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict', 'too_large', 'unprocessable'];

function isWrong(error: unknown): boolean {
  return error instanceof BasculeError && wrongKinds.includes(error.kind);
}

function requireRoom({ byteLength }: Uint8Array): void {
  if (byteLength > maxAnswerBytes) throw answerTooLargeToKeep({ bytes: byteLength, limit: maxAnswerBytes });
}
