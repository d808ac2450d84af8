import type { Label } from '../evaluation/read-dataset.js';
import type { Target } from './fitted-model.js';

/** What a model with this label is to tell. */
export function targetOf({ task = 'binary', classes = [] }: Label): Target {
  if (task === 'regression') return { task, classes: [] };
  return { task, classes: task === 'binary' ? ['0', '1'] : classes.map(String) };
}
