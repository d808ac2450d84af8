import { isAscii, isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import type { Encoding } from './table.js';

/** How text is encoded, with the length of its byte order mark. */
export interface EncodingFinding {
  readonly encoding: Encoding;
  readonly sureness: number;
}

/** Byte order marks, in bytes. */
export function byteOrderMark(head: Uint8Array): { encoding: Encoding; length: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

/**
 * Tells the encoding from the beginning of a text. Bytes that are not UTF-8 make it Windows-1252,
 * unless other bytes show that UTF-8 was meant and has been damaged.
 */
export function findEncoding(head: Buffer): EncodingFinding {
  const mark = byteOrderMark(head);
  if (mark) return { encoding: mark.encoding, sureness: 1 };
  const sixteen = utf16Of(head);
  if (sixteen) return sixteen;
  const whole = head.subarray(0, wholeCharacters(head));
  if (isUtf8(whole)) return { encoding: 'utf-8', sureness: whole.some((byte) => byte > 127) ? 1 : 0.9 };
  return hasMultibyte(whole) ? { encoding: 'utf-8', sureness: 0.6 } : { encoding: 'windows-1252', sureness: 0.7 };
}

function utf16Of(head: Buffer): EncodingFinding | undefined {
  const pairs = Math.min(head.length, 4096) >> 1;
  let [even, odd] = [0, 0];
  for (let i = 0; i < pairs; i++) {
    if (head[2 * i] === 0) even++;
    if (head[2 * i + 1] === 0) odd++;
  }
  if (pairs < 2) return undefined;
  if (odd > 0.4 * pairs && even < 0.1 * pairs) return { encoding: 'utf-16le', sureness: 0.9 };
  return even > 0.4 * pairs && odd < 0.1 * pairs ? { encoding: 'utf-16be', sureness: 0.9 } : undefined;
}

function wholeCharacters(bytes: Buffer): number {
  let end = bytes.length;
  for (let i = 0; i < 3 && end > 0 && (bytes[end - 1]! & 0xc0) === 0x80; i++) end--;
  return end > 0 && bytes[end - 1]! >= 0xc0 ? end - 1 : bytes.length;
}

function hasMultibyte(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127 && code !== 0xfffd) return true;
  }
  return false;
}

/** A stretch of text; `isDamaged` when it may hold U+FFFD that stands for bytes that could not be decoded. */
export interface TextChunk {
  readonly text: string;
  readonly isDamaged: boolean;
}

/** Decodes bytes to text a stretch at a time; the byte order mark is dropped, bytes that fit nothing become U+FFFD. */
export async function* decoded(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<TextChunk> {
  const decode = decoderFor(encoding);
  let isFirst = true;
  let isSplit = false;
  const marked = (text: string) => {
    if (!isFirst || text === '') return text;
    isFirst = false;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  };
  const isAsciiToo = encoding === 'utf-8' || encoding === 'windows-1252' || encoding === 'iso-8859-1';
  for await (const chunk of chunks) {
    // what is ASCII needs no decoder, unless the stretch before ended within a character
    const isPlain: boolean = isAsciiToo && !isSplit && isAscii(chunk);
    const text = marked(isPlain ? chunk.toString('latin1') : decode.write(chunk));
    isSplit = encoding === 'utf-8' && !isPlain && chunk.length > 0 && chunk.at(-1)! > 127;
    if (isPlain && text !== '') yield { text, isDamaged: false };
    else if (text !== '') yield { text, isDamaged: encoding === 'utf-8' && text.includes('\uFFFD') && !isUtf8(chunk) };
  }
  const rest = marked(decode.end());
  if (rest !== '') yield { text: rest, isDamaged: encoding === 'utf-8' };
}

interface Decoder {
  write(chunk: Buffer): string;
  end(): string;
}

// the labels iso-8859-1 and windows-1252 are told apart here: in the web's TextDecoder they are one
function decoderFor(encoding: Encoding): Decoder {
  if (encoding === 'utf-16be') return new BigEndianDecoder();
  if (encoding === 'windows-1252') return { write: windows1252, end: () => '' };
  if (encoding === 'utf-8') return new Utf8Decoder();
  return new StringDecoder(encoding === 'iso-8859-1' ? 'latin1' : encoding);
}

/** Several times as fast as a StringDecoder. */
class Utf8Decoder implements Decoder {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  write(chunk: Buffer): string {
    return this.decoder.decode(chunk, { stream: true });
  }

  end(): string {
    return this.decoder.decode();
  }
}

class BigEndianDecoder implements Decoder {
  private readonly little = new StringDecoder('utf-16le');
  private odd: Buffer = Buffer.alloc(0);

  write(chunk: Buffer): string {
    const bytes = Buffer.concat([this.odd, chunk]);
    const even = bytes.length & ~1;
    this.odd = bytes.subarray(even);
    return this.little.write(bytes.subarray(0, even).swap16());
  }

  end(): string {
    return this.little.end() + (this.odd.length > 0 ? '\uFFFD' : '');
  }
}

const upper = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function windows1252(chunk: Buffer): string {
  return chunk.toString('latin1').replace(/[\x80-\x9f]/g, (control) => upper[control.charCodeAt(0) - 0x80]!);
}
