import { allocate, elementCount, type Tensor, type TensorData, toHalf } from '../inference/tensor.js';
import type { PlannedInput } from './feature-plan.js';
import type { ReadInput } from './read-features.js';

/** Stacks the same input of several records, whose parts have one shape, into the tensor that the model takes. */
export function tensorOf(planned: PlannedInput, parts: readonly ReadInput[]): Tensor {
  const { name, datatype, hasBatchAxis } = planned;
  const rowShape = parts[0]?.rowShape ?? planned.rowShape;
  const shape = hasBatchAxis ? [parts.length, ...rowShape] : rowShape;
  const data = allocate(datatype === 'FP16' ? 'FP64' : datatype, elementCount(shape)) as unknown[];
  let at = 0;
  for (const { cells } of parts) for (const cell of cells) data[at++] = cell;
  return { name, datatype, shape, data: datatype === 'FP16' ? toHalf(data as number[]) : (data as unknown as TensorData) };
}

/** Records of one shape may share a run. */
export function shapeKeyOf(inputs: readonly ReadInput[]): string {
  return inputs.map(({ rowShape }) => rowShape.join('x')).join();
}
