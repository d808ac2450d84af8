import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Watched {
  /** What it brought last; absent until a whole head has come. */
  last?: { readonly request: IncomingMessage; readonly response: ServerResponse };
  /** Bytes that had come when it was looked at, and since when they have been all. */
  bytes: number;
  since: number;
}

/** The connections that the web server reads, and how far the request on each has come. */
export class OpenRequests {
  private readonly sockets = new Map<Socket, Watched>();

  /** Call before other readers of connections are put in front. */
  watchConnections(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.sockets.set(socket, { bytes: -1, since: 0 });
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** Call when all others listen: it sees every request first. */
  watchRequests(server: Server): void {
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      const watched = this.sockets.get(request.socket);
      if (watched) watched.last = { request, response };
    });
  }

  /**
   * Ends the connections on which nothing is being answered: at once where no body is coming, else when nothing has come of it for
   * `silentMs`.
   * @returns how many are waited for
   */
  endSilent(now: number, silentMs: number): number {
    let coming = 0;
    for (const [socket, watched] of this.sockets) {
      const { last } = watched;
      if (last?.request.complete && !last.response.writableFinished) continue;
      if (watched.bytes !== socket.bytesRead) {
        watched.bytes = socket.bytesRead;
        watched.since = now;
      }
      const isComing = last !== undefined && !last.request.complete && !last.response.writableFinished;
      if (isComing && now - watched.since < silentMs) coming++;
      else socket.destroy();
    }
    return coming;
  }
}
