import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../trainers/fitted-model.js';
import { frameOf } from '../trainers/frame.js';
import { fitPrior } from '../trainers/prior.js';
import type { Feature, Row } from '../trainers/row.js';
import { type ChampionTask, taskOfOutputs } from './champion-task.js';
import { evaluateChampion } from './evaluate-champion.js';
import { outlineOf } from './onnx.runtime.js';

const features: Feature[] = [{ name: 'x', kind: 'numeric' }];
const rows: Row[] = Array.from({ length: 120 }, (_, at) => ({ occurredAt: at, label: at % 2, cells: [at] }));
const targets = {
  binary: { task: 'binary' as const, classes: ['0', '1'] },
  two: { task: 'multiclass' as const, classes: ['no', 'yes'] },
  turned: { task: 'multiclass' as const, classes: ['yes', 'no'] },
  three: { task: 'multiclass' as const, classes: ['low', 'middle', 'high'] },
  number: { task: 'regression' as const, classes: [] },
};

/** A champion that learnt nothing, and answers for this target. */
function artifactOf(target: (typeof targets)[keyof typeof targets]): Uint8Array {
  const scorer = fitPrior(frameOf(features, rows), target);
  return writeOnnx({ features, target, scorer, calibration: { kind: 'none' } }, { modelName: 'm', about: '' });
}

async function compared(champion: keyof typeof targets, challenger: keyof typeof targets, tells?: ChampionTask, positive: string[] = []) {
  const artifact = artifactOf(targets[champion]);
  const width = challenger === 'three' ? 3 : challenger === 'two' || challenger === 'turned' ? 2 : 1;
  const scores = new Float64Array(rows.length * width).fill(1 / Math.max(width, 2));
  const outputs = taskOfOutputs((await outlineOf(artifact)).outputs);
  const of = { version: 7, artifact, inputs: features, tells: tells ?? outputs };
  return evaluateChampion(of, features, rows, scores, targets[challenger], positive);
}

const named = (classes: string[]): ChampionTask => ({ task: 'multiclass', classes });
const reason = (text: string) => ({ note: `champion version 7 could not be compared: ${text}` });

describe('evaluateChampion', () => {
  it('compares models that tell the same', async () => {
    expect(await compared('binary', 'binary')).toHaveProperty('paired.rowCount', 120);
    expect(await compared('number', 'number')).toHaveProperty('paired.metric', 'squaredError');
    expect(await compared('two', 'two', named(['no', 'yes']))).toHaveProperty('paired.rowCount', 120);
  });

  it('has a reason, and no figure, where the champion tells something else', async () => {
    expect(await compared('number', 'binary')).toEqual(reason('it tells a number, the new model yes or no'));
    expect(await compared('binary', 'number')).toEqual(reason('it tells yes or no, the new model a number'));
    expect(await compared('binary', 'two')).toEqual(reason('it tells yes or no, the new model one of several classes'));
    expect(await compared('three', 'binary')).toEqual(reason('it tells one of several classes, the new model yes or no'));
  });

  it('has a reason where the classes are others, stand in another order, or are not known', async () => {
    expect(await compared('turned', 'two', named(['yes', 'no']))).toEqual(
      reason('its classes are yes, no, those of the new model no, yes'),
    );
    expect(await compared('three', 'two', named(['low', 'middle', 'high']))).toHaveProperty('note');
    expect(await compared('three', 'three')).toEqual(reason('it does not say which classes it tells, nor in which order'));
  });

  it('takes the second of two named classes for yes only where it means yes', async () => {
    expect(await compared('two', 'binary', named(['no', 'yes']), ['yes'])).toHaveProperty('paired');
    expect(await compared('turned', 'binary', named(['yes', 'no']), ['yes'])).toEqual(
      reason('its classes are yes, no, and the second of them is not what yes means here'),
    );
  });

  it('has a reason where what the champion answers is no probability', async () => {
    // means of 0.5 would pass for one; labels of 7 do not
    const far = rows.map((row) => ({ ...row, label: 7 }));
    const scorer = fitPrior(frameOf(features, far), targets.number);
    const artifact = writeOnnx({ features, target: targets.number, scorer, calibration: { kind: 'none' } }, { modelName: 'm', about: '' });
    const champion = { version: 7, artifact, inputs: features, tells: { task: undefined, classes: undefined } };
    const scores = new Float64Array(rows.length).fill(0.5);
    expect(await evaluateChampion(champion, features, rows, scores)).toEqual(reason('it answers 7 for a probability'));
  });
});

describe('taskOfOutputs', () => {
  it('reads a number, no and yes, and named classes; what nobody said stays open', () => {
    const outputs = (shape: (number | string)[], more: object = {}) => [
      { name: 'label', shape: [-1] },
      { name: 'probabilities', shape, ...more },
    ];
    expect(taskOfOutputs([{ name: 'value', shape: [-1] }])).toEqual({ task: 'regression', classes: undefined });
    expect(taskOfOutputs(outputs([-1, 2]))).toEqual({ task: 'binary', classes: undefined });
    expect(taskOfOutputs(outputs([-1, 3], { columns: ['a', 'b', 'c'] }))).toEqual({ task: 'multiclass', classes: ['a', 'b', 'c'] });
    expect(taskOfOutputs(outputs(['batch', 'classes']))).toEqual({ task: undefined, classes: undefined });
    expect(taskOfOutputs([{ name: 'scores', shape: [-1] }])).toEqual({ task: undefined, classes: undefined });
  });
});
