import { describe, expect, it } from 'vitest';
import { fillTensors, unfitColumns } from './fill-tensors.js';
import { mapInputs } from './map-inputs.js';

const output = { name: 'p', datatype: 'FP32', shape: [-1, 2] } as const;
const single = (name: string, datatype: 'FP32' | 'BYTES' | 'INT64' = 'FP32') => ({ name, datatype, shape: [-1, 1] });
const wide = (width: number) => ({ name: 'x', datatype: 'FP32', shape: [-1, width] }) as const;
const map = (inputs: Parameters<typeof mapInputs>[0]['inputs'], columns: string[], features?: string[], outputs: object[] = [output]) =>
  mapInputs({ inputs, outputs: outputs as never }, columns, 'y', features);

describe('inputs of a model', () => {
  it('are fed by the columns of their names, however these are written', () => {
    const { feeds, findings } = map([single('speed_knots'), single('airport', 'BYTES')], ['Speed Knots', 'airport', 'y']);
    expect(findings).toEqual([]);
    expect(feeds.map(({ columns }) => columns)).toEqual([['Speed Knots'], ['airport']]);
    expect(feeds[1]!.spec).toMatchObject({ kind: 'categorical', shape: [-1, 1] });
  });

  it('are fed as one by all columns but the target, or by those that are named', () => {
    expect(map([wide(2)], ['a', 'b', 'y']).signature.inputs[0]).toMatchObject({ columns: ['a', 'b'], shape: [-1, 2] });
    expect(map([wide(2)], ['id', 'a', 'b', 'y'], ['b', 'a']).feeds[0]!.columns).toEqual(['b', 'a']);
    expect(map([wide(-1)], ['a', 'b', 'y']).signature.inputs[0]!.shape).toEqual([-1, 2]);
  });

  it('that nothing feeds are named with what to do', () => {
    const { feeds, findings } = map([single('a'), single('credit_score')], ['a', 'y']);
    expect(feeds[1]!.columns).toEqual([undefined]);
    expect(findings).toMatchObject([{ what: expect.stringContaining('credit_score has no column: it is looked up'), isBlocking: false }]);
    const blocking = (inputs: Parameters<typeof mapInputs>[0]['inputs'], columns: string[], features?: string[]) =>
      map(inputs, columns, features).findings.filter((finding) => finding.isBlocking)[0];
    expect(blocking([wide(3)], ['a', 'b', 'y'])).toMatchObject({ what: 'input x takes 3 columns, and the data has 2 besides the target' });
    expect(blocking([wide(1 + 1)], ['a', 'b', 'c', 'y'])?.remedy).toContain('--features');
    expect(blocking([{ name: 'm' }], ['a', 'y'])?.what).toContain('map or a sequence');
    expect(blocking([{ ...single('a'), shape: [4, 1] }], ['a', 'y'])?.what).toContain('exactly 4 rows');
    expect(blocking([wide(1 + 1)], ['a', 'b', 'y'], ['a', 'zz'])?.what).toContain('zz');
  });

  it('keep outputs that are tensors and name the others', () => {
    const { signature, findings } = map([single('a')], ['a', 'y'], undefined, [output, { name: 'zipped' }]);
    expect(signature.outputs.map(({ name }) => name)).toEqual(['p']);
    expect(findings[0]?.remedy).toContain('zipmap');
    expect(map([single('a')], ['a', 'y'], undefined, [{ name: 'zipped' }]).findings.some(({ isBlocking }) => isBlocking)).toBe(true);
  });
});

describe('rows', () => {
  it('become tensors, a number that is missing NaN', () => {
    const mapping = map([single('a'), single('b', 'BYTES'), single('gone')], ['b', 'a', 'y']);
    expect(
      fillTensors(mapping, { columns: ['b', 'a', 'y'] }, [
        ['x', '1.5', '0'],
        ['', '', '1'],
      ]),
    ).toEqual([
      { name: 'a', shape: [2, 1], data: [1.5, 'NaN'] },
      { name: 'b', shape: [2, 1], data: ['x', ''] },
      { name: 'gone', shape: [2, 1], data: ['NaN', 'NaN'] },
    ]);
  });

  it('that do not fit are a step that was not converted', () => {
    const rows = [
      ['diesel', '', '1'],
      ['petrol', '2', '0'],
    ];
    const columns = ['fuel', 'doors', 'y'];
    const [fuel, doors] = unfitColumns(map([single('fuel'), single('doors', 'INT64')], columns), { columns, rows });
    expect(fuel).toMatchObject({
      what: expect.stringContaining('column fuel holds text ("diesel" and others, 2 of 2 rows)'),
      isBlocking: true,
    });
    expect(doors?.what).toContain('column doors is empty in 1 of 2 rows');
    expect(unfitColumns(map([single('fuel', 'BYTES')], columns), { columns, rows })).toEqual([]);
  });

  it('of a file that feeds few of them are those of another file', () => {
    const inputs = ['a', 'b', 'c', 'd'].map((name) => single(name));
    expect(map(inputs, ['a', 'b', 'y']).findings.filter(({ isBlocking }) => isBlocking)).toEqual([]);
    expect(map(inputs, ['a', 'x', 'y']).findings.filter(({ isBlocking }) => isBlocking)).toMatchObject([
      { what: '3 of the 4 inputs have no column in the file' },
    ]);
  });
});
