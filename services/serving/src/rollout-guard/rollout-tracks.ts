import type { RoutingEntry } from '@bascule/contracts';
import { RolloutTrack } from './rollout-track.js';

/** What was seen of rollouts, by rollout: the last one of each model, and the one before until what was counted of it is written. */
export class RolloutTracks {
  private readonly tracks = new Map<string, RolloutTrack>();

  find(rolloutId: string): RolloutTrack | undefined {
    return this.tracks.get(rolloutId);
  }

  all(): Iterable<RolloutTrack> {
    return this.tracks.values();
  }

  /**
   * The track of a rollout that answers by this entry, begun with its first answer.
   * @returns undefined for an answer that comes when the next rollout of the model has begun, and its own is written
   */
  of(rolloutId: string, { modelName, revision }: Pick<RoutingEntry, 'modelName' | 'revision'>): RolloutTrack | undefined {
    const known = this.tracks.get(rolloutId);
    if (known) return known;
    // rollouts of one model follow one another: the former is over, and what was counted of it is written
    const others = [...this.tracks].filter(([, other]) => other.modelName === modelName);
    if (others.some(([, other]) => other.firstRevision > revision)) return undefined;
    for (const [id, former] of others) if (!former.isChanged) this.tracks.delete(id);
    const track = new RolloutTrack(rolloutId, modelName, revision);
    this.tracks.set(rolloutId, track);
    return track;
  }
}
