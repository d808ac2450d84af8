import type { Tensor } from '../inference/tensor.js';
import { type FeaturePlan, featurePlan } from '../records/feature-plan.js';
import { type ReadInput, readFeatures } from '../records/read-features.js';
import { shapeKeyOf, tensorOf } from '../records/record-tensors.js';
import type { PieceRow } from './piece-file.js';

/** A row that a model can be asked about. */
export interface ReadRow {
  readonly row: PieceRow;
  readonly inputs: readonly ReadInput[];
  /** Rows of one shape may share a run. */
  readonly shapeKey: string;
}

const rules = { absentFeatures: 'missing', unknownFeatures: 'ignore' } as const;

/** Reads rows of a piece by the rules of records; a list in a cell of text is its JSON. */
export class PieceRecords {
  private readonly plan: FeaturePlan;
  /** Features that are lists, by position. */
  private readonly lists: ReadonlySet<number>;

  /** Plain objects of one shape are read faster. */
  private readonly isSafe: boolean;

  constructor(
    signature: Parameters<typeof featurePlan>[0],
    private readonly features: readonly string[],
  ) {
    this.plan = featurePlan(signature);
    const scalars = new Set(this.plan.inputs.flatMap(({ features: named = [] }) => named));
    this.isSafe = !features.includes('__proto__');
    this.lists = new Set(features.flatMap((feature, at) => (scalars.has(feature) ? [] : [at])));
  }

  /** @returns a sentence about what is wrong with the row */
  read(row: PieceRow): ReadRow | string {
    if (row.fault !== undefined) return row.fault;
    const record: Record<string, unknown> = this.isSafe ? {} : Object.create(null);
    for (let at = 0; at < this.features.length; at++) {
      const cell = row.cells[at] ?? null;
      record[this.features[at] as string] = typeof cell === 'string' && this.lists.has(at) ? listOf(cell) : cell;
    }
    const read = readFeatures(record, this.plan, rules);
    if (read.inputs) return { row, inputs: read.inputs, shapeKey: shapeKeyOf(read.inputs) };
    return read.faults.map(({ path, message }) => `${path.replace(/^features\.?/, '')}: ${message}`).join('; ');
  }

  /** The inputs of the model for rows of one shape. */
  tensors(rows: readonly ReadRow[]): Tensor[] {
    return this.plan.inputs.map((planned, position) =>
      tensorOf(
        planned,
        rows.map(({ inputs }) => inputs[position] as ReadInput),
      ),
    );
  }
}

function listOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
