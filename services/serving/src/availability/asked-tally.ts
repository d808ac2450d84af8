/** Requests of one model since they were told last. */
export interface RequestCount {
  /** Answered or failed. */
  readonly requests: number;
  readonly failed: number;
}

/**
 * What clients asked of one model. Values that a model cannot work with count as its failures when keys that ask besides cannot have
 * an answer either: one key alone among several does not spend what an endpoint may fail.
 */
export class AskedTally {
  private requests = 0;
  private failed = 0;
  private ofValues = 0;
  private asker: string | undefined;
  private hasOtherAskers = false;
  private unlucky: string | undefined;
  private hasOtherUnlucky = false;

  answered(keyId: string): void {
    this.requests++;
    this.noteAsker(keyId);
  }

  failedAtOnce(): void {
    this.requests++;
    this.failed++;
  }

  failedOnValues(keyId: string): void {
    this.ofValues++;
    this.noteAsker(keyId);
    if (this.unlucky === undefined) this.unlucky = keyId;
    else if (this.unlucky !== keyId) this.hasOtherUnlucky = true;
  }

  count(): RequestCount {
    const counted = this.hasOtherAskers && !this.hasOtherUnlucky ? 0 : this.ofValues;
    return { requests: this.requests + counted, failed: this.failed + counted };
  }

  private noteAsker(keyId: string): void {
    if (this.asker === undefined) this.asker = keyId;
    else if (this.asker !== keyId) this.hasOtherAskers = true;
  }
}
