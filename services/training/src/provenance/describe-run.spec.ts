import { expect, it } from 'vitest';
import { type MadeModel, provenanceOf } from './describe-run.js';

const digest = (letter: string) => letter.repeat(64);
const made: MadeModel = {
  runId: 'run-2',
  pipeline: { name: 'claims', version: 1 },
  modelName: 'claims',
  dataset: { name: 'claims', version: digest('a') },
  evaluationDatasetVersion: digest('a'),
  contract: undefined,
  trainer: 'prior',
  params: {},
  recipe: {},
  excludedWindows: [],
  seed: 1,
  artifactDigest: digest('b'),
  profileDigest: digest('c'),
  artifacts: [{ name: 'notes.txt', digest: digest('d') }],
  takenOver: { train: 'run-1' },
  code: { digest: digest('e'), training: '1', onnxruntime: '1', node: '24' },
  platform: 'linux-x64',
  startedOn: '2026-01-01T00:00:00Z',
  finishedOn: '2026-01-01T00:01:00Z',
};

it('provenance says which steps an earlier run carried out', () => {
  expect(provenanceOf(made).internalParameters).toMatchObject({ takenOver: { train: 'run-1' } });
  expect(provenanceOf({ ...made, takenOver: {} }).internalParameters).not.toHaveProperty('takenOver');
});

it('provenance names every file that a trainer left', () =>
  expect(provenanceOf(made).byproducts).toEqual([
    { name: 'profile.json', digest: digest('c') },
    { name: 'notes.txt', digest: digest('d') },
  ]));

it('provenance names a program that trained, and each of its files', () => {
  const program = { name: 'sklearn', version: '1.2', digest: digest('1'), files: [{ name: 'train.py', digest: digest('2') }] };
  expect(provenanceOf({ ...made, trainer: 'sklearn', program }).dependencies.slice(-2)).toEqual([
    { name: 'program:sklearn', digest: digest('1'), annotations: { version: '1.2' } },
    { name: 'program-file:train.py', digest: digest('2') },
  ]);
});
