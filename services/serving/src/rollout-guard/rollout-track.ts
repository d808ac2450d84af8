import type { RolloutArm, RoutedVersion } from '@bascule/contracts';
import { decideTrip, type Trip } from './decide-trip.js';
import { latencyBin } from './latency-bins.js';
import { type Recent, RecentAnswers, type RequestKind } from './recent-answers.js';
import { Suspects } from './suspects.js';

/** Of so many answers of the champion, a picture is kept: what is usual when it has nothing to do any more. */
const enoughForPicture = 50;
const enoughToCompare = 20;
/** Slow answers are looked for so often. */
const everyAnswers = 16;
/** So long a model may be left alone after it took its process down. */
const harmLastsMs = 60_000;

interface Arm {
  readonly version: number;
  readonly step: number;
  answered: number;
  failed: number;
  readonly latency: number[];
}

/** What a gateway has seen of one rollout. */
export class RolloutTrack {
  readonly arms = new Map<string, Arm>();
  /** Set once the version is cut off here. */
  trip: { cause: Trip['cause'] | 'crash-loop'; reasons: readonly string[] } | undefined;
  isChanged = false;
  private readonly recent = new Map<number, RecentAnswers>();
  private readonly suspects = new Map<number, Suspects>();
  private readonly harmedAt = new Map<number, number>();
  private usual: Recent | undefined;
  private sinceLook = 0;

  constructor(
    readonly rolloutId: string,
    readonly modelName: string,
    /** Of the routing entry by which it was answered first. */
    readonly firstRevision: number,
  ) {}

  /** @returns why the version is to be cut off, when it has just become clear */
  answered(who: Who, latencyUs: number, nowMs: number, kind?: RequestKind): Trip | undefined {
    const arm = this.arm(who);
    arm.answered++;
    const bin = latencyBin(latencyUs);
    while (arm.latency.length <= bin) arm.latency.push(0);
    arm.latency[bin]!++;
    this.recentOf(who.version).answered(nowMs, latencyUs, kind);
    if (who.role !== 'challenger' || this.trip || ++this.sinceLook < everyAnswers) return undefined;
    this.sinceLook = 0;
    return this.look(who, nowMs);
  }

  /** One copy answered behind everything live: how long that took says nothing. */
  copied(who: Who): void {
    this.arm(who).answered++;
  }

  /** @returns why the version is to be cut off, when it has just become clear */
  failed(who: Who, nowMs: number, times = 1): Trip | undefined {
    this.arm(who).failed += times;
    this.recentOf(who.version).failed(nowMs, times);
    return who.role === 'challenger' && !this.trip ? this.look(who, nowMs) : undefined;
  }

  /** A failure that counts took the process of the version down. */
  noteHarm(version: number, nowMs: number): void {
    this.harmedAt.set(version, nowMs);
  }

  /** Is the version to blame when its process is not there? */
  hasDoneHarm(version: number, nowMs: number): boolean {
    return nowMs < (this.harmedAt.get(version) ?? Number.NEGATIVE_INFINITY) + harmLastsMs;
  }

  suspectsOf(version: number): Suspects {
    let suspects = this.suspects.get(version);
    if (!suspects) {
      suspects = new Suspects();
      this.suspects.set(version, suspects);
    }
    return suspects;
  }

  measured(): RolloutArm[] {
    return [...this.arms.values()].map((arm) => ({ ...arm, latency: [...arm.latency] }));
  }

  private look({ version, champion }: Who, nowMs: number): Trip | undefined {
    if (champion === undefined) return undefined;
    const present = this.recentOf(champion).read(nowMs);
    if (present.answered >= enoughForPicture) this.usual = present;
    const isSameTime = present.answered >= enoughToCompare;
    return decideTrip(this.recentOf(version).read(nowMs), isSameTime ? present : (this.usual ?? present), isSameTime);
  }

  private arm({ version, step }: Who): Arm {
    this.isChanged = true;
    const key = `${version}/${step}`;
    let arm = this.arms.get(key);
    if (!arm) {
      arm = { version, step, answered: 0, failed: 0, latency: [] };
      this.arms.set(key, arm);
    }
    return arm;
  }

  private recentOf(version: number): RecentAnswers {
    let recent = this.recent.get(version);
    if (!recent) {
      recent = new RecentAnswers();
      this.recent.set(version, recent);
    }
    return recent;
  }
}

/** Which version answered in which part of a rollout. */
export interface Who {
  readonly version: number;
  readonly role: RoutedVersion['role'];
  readonly step: number;
  /** The one to fall back on. */
  readonly champion: number | undefined;
}
