import type { IncomingMessage } from 'node:http';

interface Coming {
  bytesRead: number;
  since: number;
}

/** Requests whose bodies are on their way, to be ended as the web server ends slow ones when nothing more comes of them. */
export class SilentBodies {
  private readonly coming = new Map<IncomingMessage, Coming>();

  constructor(
    private readonly patienceMs: number,
    private readonly endSlow: (request: IncomingMessage) => void,
  ) {}

  watch(request: IncomingMessage, now: number): void {
    this.coming.set(request, { bytesRead: request.socket.bytesRead, since: now });
    const forget = () => this.coming.delete(request);
    request.once('end', forget).once('close', forget);
  }

  /** Call now and then. */
  check(now: number): void {
    for (const [request, seen] of this.coming) {
      const { bytesRead } = request.socket;
      if (bytesRead !== seen.bytesRead) Object.assign(seen, { bytesRead, since: now });
      else if (now - seen.since > this.patienceMs) {
        this.coming.delete(request);
        // read completely, although nobody may have asked for its end
        if (!request.complete) this.endSlow(request);
      }
    }
  }
}
