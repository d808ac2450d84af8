/** Text as a terminal may show it: control characters and what turns text around are written as escapes. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0)!;
    if (character === '\t') return '\\t';
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same within one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}

const bytesPerLine = 16;
const longestDump = 4096;

/** Bytes in hexadecimal with the letters among them beside, as far as a person wants to read. */
export function hexDump(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, longestDump);
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += bytesPerLine) {
    const row = [...shown.subarray(at, at + bytesPerLine)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(bytesPerLine * 3 - 1)}  ${letters}`);
  }
  if (bytes.length > longestDump) lines.push(`… ${bytes.length - longestDump} bytes more`);
  return lines.join('\n');
}
