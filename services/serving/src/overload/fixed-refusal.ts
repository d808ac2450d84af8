import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestIdOf } from '@bascule/platform';
import { refusalReply } from '../inference/inference-refusal.js';

const anyId = '{request-id}';

/** An answer that is made once, but for the id of the request: under overload most of what comes ends here. */
export class FixedRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  private readonly flat: readonly string[];
  private readonly before: string;
  private readonly after: string;

  constructor(error: Error) {
    const { status, headers, body } = refusalReply(error, anyId);
    const [before = '', after = ''] = body.split(anyId);
    this.status = status;
    this.headers = headers;
    this.flat = Object.entries({ ...headers, 'x-content-type-options': 'nosniff' }).flat();
    this.before = before;
    this.after = after;
  }

  /** Answers; the connection stays open, and what comes of the body is thrown away. */
  send(request: IncomingMessage, response: ServerResponse): void {
    const requestId = requestIdOf(request.headers['x-request-id']);
    const body = this.bodyFor(requestId);
    response.writeHead(this.status, [...this.flat, 'x-request-id', requestId, 'content-length', String(body.length)]);
    response.end(body, 'latin1');
  }

  /** One byte per character. */
  readonly bodyFor = (requestId: string): string => this.before + requestId + this.after;
}
