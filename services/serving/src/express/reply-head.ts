import { STATUS_CODES } from 'node:http';

/** What an answer says in front of its body, alike for many answers. All values are of printable characters. */
export interface ReplyForm {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly modelVersion: string | undefined;
  /** The header `Date`. */
  readonly date: string;
  /** How long the connection is kept for another request; 0: it ends with this answer. */
  readonly keepAliveSeconds: number;
}

/** Heads of the answers on one connection: what they share with the one before is not put together again. */
export class ReplyHeads {
  private last: ReplyForm | undefined;
  private shared = '';

  /** Status line and headers up to the blank line, as the web server writes them but for their order. */
  next(form: ReplyForm, requestId: string, bodyBytes: number): string {
    if (!this.last || !isSame(this.last, form)) {
      this.last = form;
      this.shared = sharedPart(form);
    }
    return `${this.shared}x-request-id: ${requestId}\r\ncontent-length: ${bodyBytes}\r\n\r\n`;
  }
}

function isSame(a: ReplyForm, b: ReplyForm): boolean {
  return (
    a.status === b.status &&
    a.headers === b.headers &&
    a.modelVersion === b.modelVersion &&
    a.date === b.date &&
    a.keepAliveSeconds === b.keepAliveSeconds
  );
}

function sharedPart({ status, headers, modelVersion, date, keepAliveSeconds }: ReplyForm): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'x-content-type-options: nosniff'];
  for (const name in headers) lines.push(`${name}: ${headers[name]}`);
  if (modelVersion !== undefined) lines.push(`x-bascule-model-version: ${modelVersion}`);
  lines.push(`Date: ${date}`);
  if (keepAliveSeconds === 0) lines.push('Connection: close');
  else lines.push('Connection: keep-alive', `Keep-Alive: timeout=${keepAliveSeconds}`);
  return `${lines.join('\r\n')}\r\n`;
}
