import type { Readable } from 'node:stream';

/** The bytes of a stream, whose beginning can be looked at before they are read. */
export class ByteSource {
  private readonly chunks: AsyncIterator<Uint8Array | string>;
  private held: Buffer[] = [];
  private heldBytes = 0;
  private isEnded = false;

  constructor(private readonly stream: Readable) {
    this.chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array | string>;
  }

  /** The first bytes, at least so many unless the stream is shorter. They stay to be read. */
  async head(bytes: number): Promise<Buffer> {
    while (this.heldBytes < bytes && !this.isEnded) {
      const chunk = await this.read();
      if (chunk) this.held.push(chunk);
      this.heldBytes += chunk?.length ?? 0;
    }
    this.held = [Buffer.concat(this.held)];
    return this.held[0]!;
  }

  /** True when the head is all there is. */
  get isWhole(): boolean {
    return this.isEnded;
  }

  /** All bytes, from the first. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      yield* this.held.splice(0);
      while (!this.isEnded) {
        const chunk = await this.read();
        if (chunk) yield chunk;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    this.stream.destroy();
  }

  private async read(): Promise<Buffer | undefined> {
    const { done, value } = await this.chunks.next();
    if (done) this.isEnded = true;
    else if (typeof value === 'string') return Buffer.from(value);
    else return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return undefined;
  }
}
