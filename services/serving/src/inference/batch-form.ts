import type { Tensor } from './tensor.js';

/**
 * Only rows of one form can be stacked. An empty batch or unequal lengths are for the model to judge.
 * @returns empty for a request that must run alone
 */
export function formOf(inputs: readonly Tensor[], outputs: readonly string[], rows: number): string {
  let form = '';
  for (const { shape } of inputs) {
    if (shape[0] !== rows) return '';
    for (let axis = 1; axis < shape.length; axis++) form += `${shape[axis]}x`;
    form += ',';
  }
  return `${form}|${outputsForm(outputs)}`;
}

// callers pass the same list every time
const outputsForms = new WeakMap<readonly string[], string>();

function outputsForm(outputs: readonly string[]): string {
  let form = outputsForms.get(outputs);
  if (form === undefined) {
    form = outputs.join('\0');
    outputsForms.set(outputs, form);
  }
  return form;
}
