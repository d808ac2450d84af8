import { batchPieceUnsafe } from '../batch-jobs/errors.js';

/** Times in a row, without an answer in between: then it is the model, not a row. */
const maxInRow = 8;
/** Times per piece: the process is shared with clients. */
const maxInAll = 64;

/** How often rows of a piece took the process of their model down. */
export class Harm {
  private inRow = 0;
  private inAll = 0;

  /** True when the rest of the piece is to be left out. */
  get isEnough(): boolean {
    return this.inAll >= maxInAll;
  }

  /** Why the rest is left out, to be told with each of its rows. */
  get reason(): string {
    return `not asked: other rows of its piece had taken the process of the model down ${this.inAll} times`;
  }

  /** It happened again. @throws serving.batch_piece_unsafe when the model cannot answer at all */
  note(whose: string): void {
    this.inRow++;
    this.inAll++;
    if (this.inRow >= maxInRow) {
      throw batchPieceUnsafe({}, `${whose} took the process of the model down ${this.inRow} times without an answer in between.`);
    }
  }

  /** The model answered. */
  over(): void {
    this.inRow = 0;
  }
}
