import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Status line and headers, and what came of the body with them; empty when all is well. */
  readonly head: string;
  readonly latencyMs: number;
}

const endOfHead = Buffer.from('\r\n\r\n');
const lengthNames = ['content-length: ', 'Content-Length: '].map((name) => Buffer.from(`\r\n${name}`));
const ok = Buffer.from('HTTP/1.1 200 ');
const zero = 0x30;
/** What is read goes here, whatever the connection: it is looked at before anything else is read. */
const readBuffer = Buffer.allocUnsafeSlow(262_144);

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
    socket.on('error', (error) => this.onAnswer(this, { status: 0, head: error.message, latencyMs: 0 }));
  }

  static open(port: number, onAnswer: (connection: LoadConnection, answer: Answer) => void): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      let opened: LoadConnection | undefined;
      const callback = (bytes: number) => {
        opened?.take(readBuffer.subarray(0, bytes));
        return true;
      };
      const socket = connect({ port, host: '127.0.0.1', onread: { buffer: readBuffer, callback } }, () => {
        opened = new LoadConnection(socket.off('error', reject), onAnswer);
        resolve(opened);
      });
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
      this.pending = Buffer.from(bytes);
      return;
    }
    this.pending = undefined;
    const isOk = bytes.compare(ok, 0, ok.length, 0, ok.length) === 0;
    this.status = isOk ? 200 : Number(bytes.toString('latin1', 9, 12));
    this.head = isOk ? '' : bytes.toString('latin1', 0, 1_000);
    this.missing = lengthIn(bytes, headBytes);
    this.countDown(bytes.length - headBytes - endOfHead.length);
  }

  private countDown(bytes: number): void {
    this.missing -= bytes;
    if (this.missing > 0) return;
    this.missing = -1;
    this.onAnswer(this, { status: this.status, head: this.head, latencyMs: performance.now() - this.sentAt });
  }
}

/** Length of the body, as the head of that many bytes says it. */
function lengthIn(bytes: Buffer, headBytes: number): number {
  for (const name of lengthNames) {
    const at = bytes.indexOf(name);
    if (at < 0 || at >= headBytes) continue;
    let length = 0;
    for (let digit = at + name.length; bytes[digit]! >= zero; digit++) length = length * 10 + bytes[digit]! - zero;
    return length;
  }
  throw new Error(`an answer without a length: ${bytes.toString('latin1', 0, headBytes)}`);
}
