import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Status line and headers, and what came of the body with them; empty when all is well. */
  readonly head: string;
  readonly latencyMs: number;
}

const endOfHead = Buffer.from('\r\n\r\n');

/**
 * A keep-alive connection with one request at a time, on a bare socket: HTTP clients cost more per request than the servers
 * measured here and would be the bottleneck themselves. Reads answers that name their length, as both servers do.
 */
export class LoadConnection {
  private sentAt = 0;
  private pending: Buffer | undefined;
  /** Bytes of the answer that are still to come; -1 while its head is not complete. */
  private missing = -1;
  private status = 0;
  private head = '';

  private constructor(
    private readonly socket: Socket,
    private readonly onAnswer: (connection: LoadConnection, answer: Answer) => void,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.onAnswer(this, { status: 0, head: error.message, latencyMs: 0 }));
  }

  static open(port: number, onAnswer: (connection: LoadConnection, answer: Answer) => void): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => resolve(new LoadConnection(socket.off('error', reject), onAnswer)));
      socket.once('error', reject);
    });
  }

  send(request: Buffer): void {
    this.sentAt = performance.now();
    this.socket.write(request);
  }

  close(): void {
    this.socket.removeAllListeners('error').on('error', () => undefined);
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    if (this.missing >= 0) {
      this.countDown(chunk.length);
      return;
    }
    const bytes = this.pending ? Buffer.concat([this.pending, chunk]) : chunk;
    const headBytes = bytes.indexOf(endOfHead);
    if (headBytes < 0) {
      this.pending = bytes;
      return;
    }
    this.pending = undefined;
    const head = bytes.toString('latin1', 0, headBytes);
    this.status = Number(head.slice(9, 12));
    this.head = this.status === 200 ? '' : bytes.toString('latin1', 0, 1_000);
    const at = head.search(/\r\ncontent-length: /i);
    const length = at < 0 ? Number.NaN : Number.parseInt(head.slice(at + 18), 10);
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${head}`);
    this.missing = length;
    this.countDown(bytes.length - headBytes - endOfHead.length);
  }

  private countDown(bytes: number): void {
    this.missing -= bytes;
    if (this.missing > 0) return;
    this.missing = -1;
    this.onAnswer(this, { status: this.status, head: this.head, latencyMs: performance.now() - this.sentAt });
  }
}
