import type { Socket } from 'node:net';
import type { ComingBody } from '../overload/coming-bodies.js';
import { type PlainRequest, readPlainHead } from './plain-request.js';

/** What a connection asks of who answers its requests. */
export interface ExpressStation {
  /** True when no request may begin here any more. */
  isClosed(): boolean;
  /**
   * May the body of this request be waited for here? Then its bytes are set aside until `cease`.
   * @returns undefined for whom the web server is to answer, as those without a key
   */
  expect(request: PlainRequest): ComingBody | undefined;
  /** A body that was expected has come, or will not come any more. */
  cease(body: ComingBody): void;
  /**
   * Begins to answer; `connection.reply` ends it.
   * @returns false when the request is left to the web server
   */
  take(request: PlainRequest, body: Buffer, connection: ExpressConnection): boolean | Promise<boolean>;
  /** Gives the connection, with everything unread in it, to the web server for good. */
  handOver(socket: Socket): void;
  forget(connection: ExpressConnection): void;
}

/** A request that comes in more pieces is nothing to hurry with. */
const maxPieces = 8;
/** How long an unfinished request is waited for here. */
const patienceMs = 5_000;

/**
 * One connection that brings plain inferences, one at a time. The bytes are taken straight from the socket: the streams
 * and objects of the web server's requests cost more than the inference. With the first request that is not plain the
 * connection goes to the web server, that request included, and never comes back: so there is always one reader who knows
 * where each request begins.
 */
export class ExpressConnection {
  /** Of a request that has not come completely, or of one behind the request being answered. */
  private held: Buffer | undefined;
  private pieces = 0;
  /** Whose body has not come completely. */
  private expected: ComingBody | undefined;
  private isBusy = false;
  private isReading = false;
  /** Since when nothing has come, on the clock of `performance.now()`; undefined until it is looked at. */
  private quietSince: number | undefined;
  readonly isAbandoned = (): boolean => this.socket.destroyed;

  constructor(
    private readonly socket: Socket,
    private readonly station: ExpressStation,
  ) {
    socket.on('data', this.onData).on('end', this.onEnd).on('error', this.onError).on('close', this.onClose);
  }

  /** True while no request is being answered, although one may have begun to come. */
  get isIdle(): boolean {
    return !this.isBusy;
  }

  /** Writes an answer; `isLast` ends the connection with it. */
  reply(head: string, body: string | Buffer, isLatin: boolean, isLast: boolean): void {
    const { socket } = this;
    if (!socket.writable) return;
    if (typeof body === 'string' && isLatin) socket.write(head + body, 'latin1');
    else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
    // as the web server does: whoever leaves their end open does not keep ours
    if (isLast) socket.end(() => socket.destroy());
    // who does not read answers gets no more of them
    else if (socket.writableNeedDrain) socket.once('drain', this.next);
    else this.next();
  }

  /** Call now and then: ends what has been silent for too long, as the web server would. */
  check(now: number, keepAliveMs: number): void {
    if (this.isBusy) return;
    this.quietSince ??= now;
    const quietMs = now - this.quietSince;
    // one that was opened ahead, as pools of connections do, is not given away for bringing nothing yet
    if (this.held === undefined) {
      if (quietMs > keepAliveMs) this.socket.destroy();
    } else if (quietMs > patienceMs) this.leave(this.held);
  }

  destroy(): void {
    this.socket.destroy();
  }

  private readonly onData = (chunk: Buffer): void => {
    this.held = this.held === undefined ? chunk : Buffer.concat([this.held, chunk]);
    this.readOn();
  };

  private readonly onEnd = (): void => {
    this.socket.end();
  };

  private readonly onError = (): void => {
    this.socket.destroy();
  };

  private readonly onClose = (): void => {
    this.endExpecting();
    this.station.forget(this);
  };

  private readonly next = (): void => {
    this.isBusy = false;
    this.readOn();
  };

  /** Begins what has come. One piece may hold a thousand requests that are answered at once: they are no calls within calls. */
  private readOn(): void {
    if (this.isReading) return;
    this.isReading = true;
    let hasBegun = true;
    while (hasBegun && !this.isBusy && this.held !== undefined) {
      const { held } = this;
      this.held = undefined;
      hasBegun = this.read(held);
    }
    this.isReading = false;
    const mustWait = this.isBusy && this.held !== undefined;
    if (mustWait) this.socket.pause();
    else if (this.socket.isPaused()) this.socket.resume();
  }

  /**
   * `bytes` begin with a request.
   * @returns whether it was begun
   */
  private read(bytes: Buffer): boolean {
    const request = this.station.isClosed() ? undefined : readPlainHead(bytes);
    if (request === undefined) this.leave(bytes);
    else if (request === 'unfinished' || bytes.length < request.endAt) this.hold(bytes, request);
    else return this.serve(bytes, request);
    return false;
  }

  private serve(bytes: Buffer, request: PlainRequest): boolean {
    this.endExpecting();
    this.pieces = 0;
    this.isBusy = true;
    this.quietSince = undefined;
    if (bytes.length > request.endAt) this.held = bytes.subarray(request.endAt);
    const taken = this.station.take(request, bytes.subarray(request.bodyAt, request.endAt), this);
    if (taken === true) return true;
    const own = bytes.subarray(0, request.endAt);
    if (taken === false) this.leave(this.withHeld(own));
    else void taken.then((isTaken) => isTaken || this.leave(this.withHeld(own)));
    return taken !== false;
  }

  private hold(bytes: Buffer, request: PlainRequest | 'unfinished'): void {
    const mayWait = request === 'unfinished' || this.expects(request);
    if (!mayWait || ++this.pieces > maxPieces) {
      this.leave(bytes);
      return;
    }
    this.held = bytes;
    if (this.pieces === 1) this.quietSince = undefined;
  }

  /** Who asks is settled, and room set aside, before more than the first piece of a body is held. */
  private expects(request: PlainRequest): boolean {
    if (this.expected !== undefined) return true;
    this.expected = this.station.expect(request);
    return this.expected !== undefined;
  }

  private endExpecting(): void {
    if (this.expected === undefined) return;
    this.station.cease(this.expected);
    this.expected = undefined;
  }

  private withHeld(bytes: Buffer): Buffer {
    return this.held === undefined ? bytes : Buffer.concat([bytes, this.held]);
  }

  private leave(bytes: Buffer | undefined): void {
    const { socket } = this;
    this.endExpecting();
    this.isBusy = false;
    this.held = undefined;
    socket.off('data', this.onData).off('end', this.onEnd).off('error', this.onError).off('close', this.onClose);
    this.station.forget(this);
    if (socket.destroyed) return;
    socket.pause();
    if (bytes !== undefined && bytes.length > 0) socket.unshift(bytes);
    this.station.handOver(socket);
    socket.resume();
  }
}
