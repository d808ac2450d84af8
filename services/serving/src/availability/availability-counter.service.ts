import { type Credential, matchesAny } from '@bascule/access';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { RoutingService } from '../routing/routing.service.js';
import { AskedTally, type RequestCount } from './asked-tally.js';
import { faultOf, isLateness } from './fault-of.js';

/** Who asked, and how long there was for an answer. */
export interface Asked {
  readonly keyId: string;
  readonly allowedMs: number;
}

/** Counts what clients asked of the models here, and what of it came to nothing by fault of the endpoint. */
@Injectable()
export class AvailabilityCounter {
  private tallies = new Map<string, AskedTally>();

  constructor(
    private readonly routing: RoutingService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'ANSWER_TARGET_MS'>,
  ) {}

  /** One request answered. */
  answered(modelName: string, keyId: string): void {
    this.of(modelName).answered(keyId);
  }

  /** One request that ended in an error; a fault of the client is not counted, nor a model that nobody knows. */
  failed(modelName: string, error: unknown, { keyId, allowedMs }: Asked): void {
    const fault = faultOf(error, allowedMs, this.config.ANSWER_TARGET_MS);
    if (fault === 'client' || !this.routing.isKnown(modelName)) return;
    if (fault === 'values') this.of(modelName).failedOnValues(keyId);
    else this.of(modelName).failedAtOnce();
  }

  /** One request of which a part had no answer for the moment, for a reason that the code names. */
  unanswered(modelName: string, code: string, { allowedMs }: Asked): void {
    const isOwn = isLateness(code) && allowedMs < this.config.ANSWER_TARGET_MS;
    if (!isOwn && this.routing.isKnown(modelName)) this.of(modelName).failedAtOnce();
  }

  /** One request that nobody looked at for want of room, of someone who may ask the model. */
  turnedAway(modelName: string, { models }: Credential): void {
    if (matchesAny(models, modelName) && this.routing.isKnown(modelName)) this.of(modelName).failedAtOnce();
  }

  /** What was counted since the last time it was taken. */
  take(): ReadonlyMap<string, RequestCount> {
    const counts = new Map<string, RequestCount>();
    for (const [modelName, tally] of this.tallies) {
      const count = tally.count();
      if (count.requests > 0) counts.set(modelName, count);
    }
    this.tallies = new Map();
    return counts;
  }

  private of(modelName: string): AskedTally {
    const known = this.tallies.get(modelName);
    if (known) return known;
    const tally = new AskedTally();
    this.tallies.set(modelName, tally);
    return tally;
  }
}
