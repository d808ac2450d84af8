import type { AnsweredBy } from './prediction-record.js';
import type { Tally } from './write-ahead.js';

interface Counted {
  readonly modelName: string;
  readonly modelVersion: number;
  answered: number;
  captured: number;
}

/** How much of each version's answers was captured since the process started. */
export class Tallies {
  private readonly counts = new Map<string, Counted>();
  private readonly byLoaded = new WeakMap<AnsweredBy, Counted>();
  /** Most rows are of the version that answered the ones before. */
  private last: { readonly loaded: AnsweredBy; readonly counted: Counted } | undefined;
  private stated = 0;
  private leftOutRows = 0;

  /** Rows that were answered and, as their endpoint wants it, not captured. */
  get leftOut(): number {
    return this.leftOutRows;
  }

  /** True when rows were left out that no block has told of. */
  get isNews(): boolean {
    return this.leftOutRows !== this.stated;
  }

  add(loaded: AnsweredBy, answered: number, captured: number): void {
    if (this.last?.loaded !== loaded) this.last = { loaded, counted: this.byLoaded.get(loaded) ?? this.start(loaded) };
    const { counted } = this.last;
    counted.answered += answered;
    counted.captured += captured;
    this.leftOutRows += answered - captured;
  }

  /** For the next block: versions of which not everything was captured; none when everything is. */
  state(): Tally[] | undefined {
    this.stated = this.leftOutRows;
    // a version that was unloaded is not to be kept by this
    this.last = undefined;
    if (this.leftOutRows === 0) return undefined;
    return [...this.counts.values()].filter(({ answered, captured }) => answered > captured).map((counted) => ({ ...counted }));
  }

  private start(loaded: AnsweredBy): Counted {
    const { modelName, routed } = loaded;
    const key = `${modelName}@${routed.version}`;
    const counted = this.counts.get(key) ?? { modelName, modelVersion: routed.version, answered: 0, captured: 0 };
    this.counts.set(key, counted);
    this.byLoaded.set(loaded, counted);
    return counted;
  }
}
