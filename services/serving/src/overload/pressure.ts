const binMs = 100;
const memory = 0.05;

/**
 * Whether a gateway answers too slowly, and how much it may take in then: as much as it answers within the target
 * (Little's law). Fast answers are never turned away, however many arrive at once. Times on one clock, in ms.
 */
export class Pressure {
  private tookMs = 0;
  private lagMs = 0;
  private perSecond = 0;
  private binStart = 0;
  private inBin = 0;

  constructor(
    private readonly targetMs: number,
    /** As many are taken in whatever the speed: slow models answer few in any time. */
    private readonly least: number,
  ) {}

  /** A request was served; what was refused took no time worth knowing, and says nothing about how many can be served. */
  served(tookMs: number, now: number): void {
    this.tookMs += memory * (tookMs - this.tookMs);
    this.turnBins(now);
    this.inBin++;
  }

  /** How late a timer was: what waited that long before anybody could look at it. */
  noteLag(lagMs: number, now: number): void {
    this.lagMs += 0.3 * (lagMs - this.lagMs);
    this.turnBins(now);
  }

  /** How late this process looks at what has come. */
  get delayMs(): number {
    return this.lagMs;
  }

  /** May one more be taken in? */
  hasRoom(inFlight: number): boolean {
    if (this.tookMs + this.lagMs <= this.targetMs) return true;
    return inFlight < Math.max(this.least, (this.perSecond * this.targetMs) / 1000);
  }

  private turnBins(now: number): void {
    const passed = now - this.binStart;
    if (passed < binMs) return;
    const rate = (this.inBin / passed) * 1000;
    // a second is remembered, whatever the length of the bins
    this.perSecond += Math.min(1, passed / 1000) * (rate - this.perSecond);
    this.binStart = now;
    this.inBin = 0;
  }
}
