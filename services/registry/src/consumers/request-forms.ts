import type { ModelSignature, TensorDatatype, TensorSpec } from '@bascule/contracts';

/** What a client sent under the name of one input: how often as what, and how far numbers reached. */
export interface InputForm {
  readonly texts: number;
  readonly numbers: number;
  readonly flags: number;
  readonly missing: number;
  /** Columns per row, the fewest and the most. */
  readonly widths: readonly [number, number];
  /** Of the numbers; null where there was none. */
  readonly range: readonly [number, number] | null;
  readonly areWhole: boolean;
}
export type RequestForm = Readonly<Record<string, InputForm>>;

/** One value of a request; an array is a row with several columns. */
export type Sent = number | string | boolean | null | readonly (number | string | boolean | null)[];

/** The form of one value. */
export function formOf(sent: Sent): InputForm {
  const cells = Array.isArray(sent) ? sent : [sent as Exclude<Sent, readonly unknown[]>];
  const present = cells.filter((cell) => cell !== null);
  const numbers = present.filter((cell) => typeof cell === 'number');
  return {
    texts: present.filter((cell) => typeof cell === 'string').length,
    numbers: numbers.length,
    flags: present.filter((cell) => typeof cell === 'boolean').length,
    missing: cells.length - present.length,
    widths: [cells.length, cells.length],
    range: numbers.length === 0 ? null : [Math.min(...numbers), Math.max(...numbers)],
    areWhole: numbers.every(Number.isInteger),
  };
}

/** Both forms as one. */
export function mergedForms(a: InputForm | undefined, b: InputForm): InputForm {
  if (!a) return b;
  const range = a.range && b.range ? ([Math.min(a.range[0], b.range[0]), Math.max(a.range[1], b.range[1])] as const) : (a.range ?? b.range);
  return {
    texts: a.texts + b.texts,
    numbers: a.numbers + b.numbers,
    flags: a.flags + b.flags,
    missing: a.missing + b.missing,
    widths: [Math.min(a.widths[0], b.widths[0]), Math.max(a.widths[1], b.widths[1])],
    range,
    areWhole: a.areWhole && b.areWhole,
  };
}

/** Why requests of this form could not be answered by a model of this signature; empty when all of them could. */
export function formFaults(form: RequestForm, { inputs }: ModelSignature): string[] {
  const sent = new Map(Object.entries(form));
  return [
    ...inputs.flatMap((spec) => {
      const found = sent.get(spec.name);
      return found ? inputFaults(found, spec) : [`input ${spec.name} is not sent`];
    }),
    ...[...sent.keys()].filter((name) => !inputs.some((spec) => spec.name === name)).map((name) => `input ${name} is not known`),
  ];
}

const whole: Partial<Record<TensorDatatype, readonly [number, number]>> = {
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
  INT64: [-(2 ** 63), 2 ** 63],
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  UINT64: [0, 2 ** 64],
};

function inputFaults(form: InputForm, { name, datatype, shape }: TensorSpec): string[] {
  const faults: string[] = [];
  const not = (what: string) => faults.push(`input ${name} is sent ${what}, and ${datatype} is wanted`);
  if (datatype === 'BYTES') {
    if (form.numbers + form.flags > 0) not('as numbers');
  } else {
    if (form.texts > 0) not('as text');
    if (datatype === 'BOOL' ? form.numbers > 0 : form.flags > 0) not(datatype === 'BOOL' ? 'as numbers' : 'as true or false');
  }
  const limits = whole[datatype];
  if (limits) {
    if (!form.areWhole) not('with fractions');
    if (form.missing > 0) not('with gaps');
    if (form.range && (form.range[0] < limits[0] || form.range[1] > limits[1]))
      not(`with values from ${form.range[0]} to ${form.range[1]}`);
  }
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  if (width > 0 && (form.widths[0] !== width || form.widths[1] !== width)) not(`with ${form.widths[1]} columns, not ${width}`);
  return faults;
}
