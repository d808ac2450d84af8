import { describe, expect, it } from 'vitest';
import { readPipelineDocument } from './pipeline-document.js';

const sound = `# triage of claims
name: claims
modelName: claims
datasetName: claims
features:
  - name: speed
    kind: numeric
label:
  column: damaged
  positive: [1]
triggers:
  schedule: { cron: 0 3 * * 1, timeZone: Europe/Berlin }
`;
const faultsOf = (text: string) => {
  const read = readPipelineDocument(text, 'new');
  return 'faults' in read ? read.faults.map(({ line, column, path }) => [line, column, path]) : [];
};

describe('a pipeline in YAML', () => {
  it('is read as what it says', () => {
    expect(readPipelineDocument(sound, 'new')).toMatchObject({ value: { name: 'claims', triggers: { schedule: { cron: '0 3 * * 1' } } } });
  });

  it('has the place of every fault', () => {
    const text = sound.replace('numeric', 'number').replace('0 3 * * 1', '0 77 * * 1').replace('column: damaged', 'column: 7');
    expect(faultsOf(text)).toEqual([
      [7, 11, 'features.0.kind'],
      [9, 11, 'label.column'],
      [12, 21, 'triggers.schedule.cron'],
    ]);
  });

  it('has a place for what is missing: where it should be', () => {
    expect(faultsOf(sound.replace('  column: damaged\n', ''))).toEqual([[9, 3, 'label.column']]);
  });

  it('knows no names that nobody knows', () => {
    expect(faultsOf(sound.replace('modelName: claims', 'modelName: claims\ntrigger: {}'))).toEqual([[4, 10, 'trigger']]);
    expect(faultsOf(sound.replace('  schedule:', '  onDrfit: auto\n  schedule:'))).toEqual([[12, 12, 'triggers.onDrfit']]);
    const deep = sound.replace('timeZone', 'timezone').replace('kind: numeric', 'kind: numeric\n    imputee: mean');
    const limits = `${deep}  budget: { runPerDay: 0 }\nsplit: { holdoutFractoin: 0.2 }\n`;
    expect(faultsOf(limits)).toEqual(
      expect.arrayContaining([
        [8, 14, 'features.0.imputee'],
        [13, 42, 'triggers.schedule.timezone'],
        [14, 24, 'triggers.budget.runPerDay'],
        [15, 27, 'split.holdoutFractoin'],
      ]),
    );
    expect(readPipelineDocument(limits, 'new')).toMatchObject({
      faults: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining('knows no runPerDay; known are runsPerDay, computeMinutesPerDay') }),
      ]),
    });
  });

  it('refuses bounds that nothing could keep to', () => {
    const clip = sound.replace('kind: numeric', 'kind: numeric\n    clip: { min: 5, max: 1 }');
    expect(faultsOf(clip)).toEqual([[8, 26, 'features.0.clip.max']]);
    const [fault] = faultsOf(`${sound}gates:\n  - { metric: auc, min: 0.9, max: 0.1 }\n`);
    expect(fault![0]).toBe(14);
  });

  it('may keep its name where it replaces an earlier one', () => {
    expect(readPipelineDocument(sound, 'body')).toMatchObject({ value: { name: 'claims' } });
  });

  it('that is no YAML says where it stops being some', () => {
    expect(faultsOf(sound.replace('[1]', '[1'))[0]![0]).toBeGreaterThanOrEqual(10);
    expect(faultsOf('name: a\nname: b\n')[0]!.slice(0, 2)).toEqual([2, 1]);
    expect(faultsOf('- a\n- b\n')).toEqual([[1, 1, '']]);
  });

  it('does not grow without end', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf'].map((pair) => [...pair])) {
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`);
    }
    expect(faultsOf(bomb.join('\n'))).toEqual([[1, 1, '']]);
  });
});
