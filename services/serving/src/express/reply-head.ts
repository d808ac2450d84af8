import { STATUS_CODES } from 'node:http';

/** What an answer says in front of its body, besides its own headers. */
export interface ReplyHead {
  readonly status: number;
  readonly requestId: string;
  readonly bodyBytes: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly modelVersion: string | undefined;
  /** The header `Date`. */
  readonly date: string;
  /** How long the connection is kept for another request; 0: it ends with this answer. */
  readonly keepAliveSeconds: number;
}

/** Status line and headers up to the blank line, as the web server writes them. All values are of printable characters. */
export function replyHead({ status, requestId, bodyBytes, headers, modelVersion, date, keepAliveSeconds }: ReplyHead): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nx-request-id: ${requestId}\r\nx-content-type-options: nosniff\r\n`;
  text += `content-length: ${bodyBytes}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  if (modelVersion !== undefined) text += `x-bascule-model-version: ${modelVersion}\r\n`;
  text += `Date: ${date}\r\n`;
  if (keepAliveSeconds === 0) return `${text}Connection: close\r\n\r\n`;
  return `${text}Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n\r\n`;
}
