import { Injectable } from '@nestjs/common';
import { RoutingService } from '../routing/routing.service.js';
import { isEndpointFault } from './is-endpoint-fault.js';

/** Requests of one model since they were told last. */
export interface RequestCount {
  /** Answered or failed. */
  requests: number;
  failed: number;
}

/** Counts what clients asked of the models here, and what of it came to nothing. */
@Injectable()
export class AvailabilityCounter {
  private counts = new Map<string, RequestCount>();

  constructor(private readonly routing: RoutingService) {}

  /** One request answered. */
  answered(modelName: string): void {
    this.of(modelName).requests++;
  }

  /** One request that ended in an error; a fault of the client is not counted, nor a model that nobody knows. */
  failed(modelName: string, error: unknown): void {
    if (isEndpointFault(error)) this.turnedAway(modelName);
  }

  /** One request that nobody looked at for want of room. */
  turnedAway(modelName: string): void {
    if (!this.routing.isKnown(modelName)) return;
    const count = this.of(modelName);
    count.requests++;
    count.failed++;
  }

  /** What was counted since the last time it was taken. */
  take(): ReadonlyMap<string, RequestCount> {
    const taken = this.counts;
    if (taken.size > 0) this.counts = new Map();
    return taken;
  }

  private of(modelName: string): RequestCount {
    const known = this.counts.get(modelName);
    if (known) return known;
    const count = { requests: 0, failed: 0 };
    this.counts.set(modelName, count);
    return count;
  }
}
