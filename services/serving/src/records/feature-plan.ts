import type { ColumnLimits, ModelSignature, TensorDatatype } from '@bascule/contracts';

/** How one input of a model is filled from a record. */
export interface PlannedInput {
  readonly name: string;
  readonly datatype: TensorDatatype;
  /** Axes of one record's part; -1 for any length. */
  readonly rowShape: readonly number[];
  readonly hasBatchAxis: boolean;
  /** Features that fill it, in order; absent when the record gives a list under the name of the input. */
  readonly features?: readonly string[];
  /** Of an input that is one feature: what the contract of the training data allows. */
  readonly limits?: ColumnLimits;
}

export interface FeaturePlan {
  readonly inputs: readonly PlannedInput[];
  /** Every name a record may have. */
  readonly names: ReadonlySet<string>;
  /** The one input of a model that is fed by position. */
  readonly soleList?: PlannedInput;
}

/**
 * Which features the records of a model have: an input of one number per row is one feature, an input of several is one
 * feature per column when the signature names its columns, else a list.
 */
export function featurePlan({ inputs }: ModelSignature): FeaturePlan {
  const taken = new Set(inputs.map(({ name }) => name));
  const planned = inputs.map(({ name, datatype, shape, columns, limits }): PlannedInput => {
    const hasBatchAxis = shape[0] === -1;
    const rowShape = hasBatchAxis ? shape.slice(1) : shape;
    const input = { name, datatype, rowShape, hasBatchAxis };
    if (rowShape.every((length) => length === 1)) return { ...input, features: [name], ...(limits ? { limits } : {}) };
    const isNamed = columns?.length === rowShape.at(-1) && rowShape.slice(0, -1).every((length) => length === 1);
    // a name that means two things means neither
    if (!columns || !isNamed || columns.some((column) => taken.has(column))) return input;
    for (const column of columns) taken.add(column);
    return { ...input, features: columns };
  });
  const [first] = planned;
  const soleList = planned.length === 1 && first && first.rowShape.some((length) => length !== 1) ? { soleList: first } : {};
  return { inputs: planned, names: taken, ...soleList };
}
