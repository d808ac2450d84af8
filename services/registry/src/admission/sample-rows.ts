import type { ModelSignature, ReferenceProfile, TensorSpec } from '@bascule/contracts';

type Cell = number | string | boolean;

/** One input of a sample request, as the Open Inference Protocol writes it: values row by row. */
export interface SampleTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly Cell[];
}

/** True when the first axis of every tensor is the batch; otherwise a request is answered as a whole, alone. */
export function hasBatchAxis({ inputs, outputs }: ModelSignature): boolean {
  return [...inputs, ...outputs].every(({ shape }) => shape[0] === -1);
}

/** Requests of plausible rows: zeros and ones, and the values that the reference profile has seen. */
export function sampleRequests(signature: ModelSignature, profile: ReferenceProfile | undefined): SampleTensor[][] {
  const made = [0, 1].map((filled) => signature.inputs.map((spec) => constant(spec, filled)));
  if (profile) made.push(signature.inputs.map((spec) => seen(spec, profile)));
  return made;
}

/** The same request with so many rows: its rows again and again. */
export function withRows(request: readonly SampleTensor[], rows: number): SampleTensor[] {
  return request.map(({ name, shape, data }) => {
    const width = shape.slice(1).reduce((product, size) => product * size, 1);
    const cells = Array.from({ length: rows * width }, (_, index) => data[index % data.length]!);
    return { name, shape: [rows, ...shape.slice(1)], data: cells };
  });
}

/** Inputs whose width neither the shape nor the names of their columns tell. */
export function openWidths({ inputs }: ModelSignature): string[] {
  return inputs
    .filter(({ shape, columns }) => shape.slice(1, columns ? -1 : undefined).includes(-1))
    .map(({ name }) => JSON.stringify(name));
}

function constant({ name, datatype, shape, columns }: TensorSpec, value: number): SampleTensor {
  const axes = shape.map((size, axis) => (size !== -1 ? size : axis > 0 && axis === shape.length - 1 ? (columns?.length ?? 1) : 1));
  const cell = datatype === 'BYTES' ? (value === 0 ? '' : 'word') : datatype === 'BOOL' ? value === 1 : value;
  return { name, shape: axes, data: Array.from({ length: axes.reduce((product, size) => product * size, 1) }, () => cell) };
}

/** One value per column from the profile, by the name of the input or of its columns. */
function seen(spec: TensorSpec, profile: ReferenceProfile): SampleTensor {
  const blank = constant(spec, 0);
  const names = spec.columns ?? [spec.name];
  const data = blank.data.map((cell, index) => {
    const feature = profile.features.find(({ name }) => name === names[index % names.length]);
    if (feature?.kind === 'categorical') return spec.datatype === 'BYTES' ? (feature.categories[0]?.value ?? cell) : cell;
    const middle = feature?.quantiles[2] ?? feature?.min ?? undefined;
    if (middle === undefined || middle === null || typeof cell !== 'number') return cell;
    return spec.datatype.startsWith('FP') ? middle : Math.trunc(middle);
  });
  return { ...blank, data };
}
