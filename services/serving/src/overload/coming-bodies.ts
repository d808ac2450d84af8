import { type BodyPatience, isTooSlow } from './body-pace.js';
import type { BodyShare, BodyShares } from './body-shares.js';

/** A request whose body may not have come completely. */
export interface Message {
  readonly complete: boolean;
  readonly destroyed: boolean;
  /** Of its connection; not looked at once the message is complete. */
  readonly socket: { readonly bytesRead: number };
}

/** The places of what is being answered: a body that takes its time holds none. */
export interface Places {
  setAside(): void;
  takeBack(): void;
}

/** What may still come of a message that was answered already. */
interface Rest {
  readonly cutOff: () => void;
  readonly patienceMs: number;
  startedAt: number | undefined;
}

/** One body on its way. */
export class ComingBody {
  isOver = false;
  isAside = false;
  startedAt = 0;
  bytesAtStart = 0;
  bytesRead = -1;
  changedAt = 0;

  constructor(
    readonly share: BodyShare,
    readonly bytes: number,
    readonly places: Places | undefined,
    readonly way: { readonly message: Message; readonly cutOff: () => void; readonly patience: BodyPatience } | undefined,
  ) {}
}

/**
 * Bodies on their way. Most come with their headers: those cost nothing but to be remembered until the first look. What is
 * not there by then gives its place to others, and is cut off when it comes too slowly.
 */
export class ComingBodies {
  private readonly coming = new Set<ComingBody>();
  private readonly rests = new Map<Message, Rest>();

  constructor(private readonly shares: BodyShares) {}

  /**
   * @param bytes to set aside of the share of the sender
   * @param way absent for who looks after slow ones itself
   * @returns undefined when the sender has its share on the way already; else `end` it
   */
  begin(sender: string, bytes: number, places?: Places, way?: ComingBody['way']): ComingBody | undefined {
    const share = this.shares.enter(sender, bytes);
    if (share === undefined) return undefined;
    const body = new ComingBody(share, bytes, places, way);
    this.coming.add(body);
    return body;
  }

  /** It has come, or will not; may be said twice. */
  end(body: ComingBody): void {
    if (body.isOver) return;
    body.isOver = true;
    this.coming.delete(body);
    this.shares.leave(body.share, body.bytes);
    if (body.isAside) body.places?.takeBack();
  }

  /** A message was answered; what is still to come of it goes nowhere, and is cut off when it does not end. */
  answered(message: Message, patienceMs: number, cutOff: () => void): void {
    if (!message.complete && !message.destroyed) this.rests.set(message, { cutOff, patienceMs, startedAt: undefined });
  }

  /** Call now and then, `now` on any one clock in milliseconds. */
  look(now: number): void {
    for (const body of this.coming) {
      const { way } = body;
      if (way && (way.message.complete || way.message.destroyed)) this.end(body);
      else this.lookAt(body, now);
    }
    for (const [message, rest] of this.rests) {
      rest.startedAt ??= now;
      const isLate = now - rest.startedAt > rest.patienceMs;
      if (!isLate && !message.complete && !message.destroyed) continue;
      this.rests.delete(message);
      if (isLate) rest.cutOff();
    }
  }

  private lookAt(body: ComingBody, now: number): void {
    const { way } = body;
    if (!body.isAside) {
      body.isAside = true;
      body.places?.setAside();
    }
    if (!way) return;
    const { bytesRead } = way.message.socket;
    if (body.bytesRead < 0) {
      body.startedAt = now;
      body.bytesAtStart = bytesRead;
    }
    if (body.bytesRead !== bytesRead) {
      body.bytesRead = bytesRead;
      body.changedAt = now;
    }
    const progress = { tookMs: now - body.startedAt, silentMs: now - body.changedAt, bytes: bytesRead - body.bytesAtStart };
    if (!isTooSlow(progress, way.patience)) return;
    this.end(body);
    way.cutOff();
  }
}
