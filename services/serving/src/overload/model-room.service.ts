import { Injectable } from '@nestjs/common';
import { usableOf } from '../inference/patience.js';
import { RoutingService } from '../routing/routing.service.js';
import { timeoutAtEnd } from './own-patience.js';
import { hasRoom } from './queue-room.js';

/** Knows before a body is parsed whether the model it is for could still answer it in time. */
@Injectable()
export class ModelRoom {
  constructor(private readonly routing: RoutingService) {}

  /**
   * May one more be taken in, by a process that is `delayMs` late? One version with room is enough; of unknown models others tell.
   * @param body of the request, in JSON, where it is there already: then it counts how long that one can wait
   */
  hasRoom(modelName: string, delayMs: number, body?: Buffer): boolean {
    const route = this.routing.find(modelName);
    if (!route || route.shares.length === 0) return true;
    const ownPatienceMs = body && (() => usableOf(timeoutAtEnd(body) ?? Number.POSITIVE_INFINITY));
    return route.shares.some(({ version }) => {
      const loaded = route.versions.get(version);
      return !loaded || hasRoom(loaded.batcher, delayMs, ownPatienceMs);
    });
  }

  /** How long a request would wait for its run; of several versions the one with the shortest queue counts. */
  waitMs(modelName: string): number {
    const route = this.routing.find(modelName);
    const waits = (route?.shares ?? []).map(({ version }) => route?.versions.get(version)?.batcher.waitMs() ?? 0);
    return waits.length === 0 ? 0 : Math.min(...waits);
  }
}
