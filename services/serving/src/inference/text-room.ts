import { answerTooLarge } from '../errors.js';
import { inferenceLimits } from './inference-limits.js';
import type { BinaryOutputs } from './requested-outputs.js';
import { elementCount, type Tensor } from './tensor.js';

type Shaped = Pick<Tensor, 'name' | 'shape'>;

/** Throws `serving.answer_too_large` when more would be written as text than memory is kept for; looks at nothing but shapes. */
export function requireTextRoom(outputs: readonly Shaped[], binary: BinaryOutputs | undefined): void {
  let count = 0;
  for (const { name, shape } of outputs) {
    if (!binary || !(binary.named.get(name) ?? binary.byDefault)) count += elementCount(shape);
  }
  requireTextElements(count);
}

/** The same for who knows how many elements there are. */
export function requireTextElements(count: number): void {
  const { textElements } = inferenceLimits;
  if (count <= textElements) return;
  throw answerTooLarge({}, `The answer has ${count} elements as text, at most ${textElements} are written.`);
}
