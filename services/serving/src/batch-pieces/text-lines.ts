/** Takes lines off a text, several at a time: to cut it into all its lines at once would make thousands of strings that live long. */
export class TextLines {
  private at = 0;

  constructor(private readonly text: string) {}

  /** The next lines with their line ends, at most so many; empty at the end. */
  next(count: number): string {
    let end = this.at;
    for (let taken = 0; taken < count && end < this.text.length; taken++) {
      const newline = this.text.indexOf('\n', end);
      end = newline < 0 ? this.text.length : newline + 1;
    }
    const lines = this.text.slice(this.at, end);
    this.at = end;
    return lines;
  }
}
