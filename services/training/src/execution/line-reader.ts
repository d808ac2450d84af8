/** Longer lines are cut. */
const maxLineLength = 8_000;

/** Cuts text into lines as it comes; holds no more than one line. */
export class LineReader {
  private rest = '';
  private isCut = false;

  constructor(private readonly onLine: (line: string) => void) {}

  take(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.append(text.slice(start, end));
      this.end();
      start = end + 1;
    }
    this.append(text.slice(start));
  }

  /** Tells what is left as the last line. */
  end(): void {
    const line = this.rest.replace(/\r$/, '');
    if (line !== '') this.onLine(this.isCut ? `${line}…` : line);
    this.rest = '';
    this.isCut = false;
  }

  private append(text: string): void {
    const room = maxLineLength - this.rest.length;
    if (text.length > room) this.isCut = true;
    if (room > 0) this.rest += text.slice(0, room);
  }
}
