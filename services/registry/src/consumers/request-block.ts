import type { Prediction, PredictionBlock, Value } from '@bascule/proto';
import { formOf, type InputForm, mergedForms, type Sent } from './request-forms.js';

/** What one key asked of one model on one day, as a block tells it. */
export interface AskedRows {
  readonly modelName: string;
  readonly keyId: string;
  /** UTC. */
  readonly day: string;
  rowCount: number;
  unreadCount: number;
  lastAt: Date;
  inputs: Record<string, InputForm>;
}

const shadow = 3;

/** Groups the rows of a block by model, key and day. Copies that shadows saw are nobody's requests. */
export function askedRows({ models, predictions }: PredictionBlock): AskedRows[] {
  const groups = new Map<string, AskedRows>();
  for (const prediction of predictions) {
    const schema = models[prediction.model];
    if (!schema || prediction.role === shadow) continue;
    const at = new Date(Number(prediction.receivedAtMs));
    if (Number.isNaN(at.getTime())) continue;
    const { keyId } = prediction;
    const { modelName } = schema;
    const day = at.toISOString().slice(0, 10);
    const group = groups.get(`${modelName} ${keyId} ${day}`) ?? {
      modelName,
      keyId,
      day,
      rowCount: 0,
      unreadCount: 0,
      lastAt: at,
      inputs: noInputs(),
    };
    groups.set(`${modelName} ${keyId} ${day}`, group);
    group.rowCount++;
    if (at > group.lastAt) group.lastAt = at;
    if (prediction.inputs.length === 0) group.unreadCount++;
    else addInputs(group, schema.inputNames, prediction);
  }
  return [...groups.values()];
}

/** An input may have any name, __proto__ too. */
export function noInputs(): Record<string, InputForm> {
  return Object.create(null) as Record<string, InputForm>;
}

function addInputs(group: AskedRows, names: readonly string[], { inputs }: Prediction): void {
  for (const [index, name] of names.entries()) group.inputs[name] = mergedForms(group.inputs[name], formOf(sentOf(inputs[index])));
}

// no table of ours writes infinities; as far as a range goes they are the last number
const finite = (value: number): number | null =>
  Number.isNaN(value) ? null : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

function sentOf(value: Value | undefined): Sent {
  const kind = value?.kind;
  switch (kind?.case) {
    case 'number':
      return finite(kind.value);
    case 'integer':
      return Number(kind.value);
    case 'numbers':
      return kind.value.values.map(finite);
    case 'text':
    case 'flag':
      return kind.value;
    default:
      return null;
  }
}
