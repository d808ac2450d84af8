import { onnx } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { features, inYears, readBirdstrikes } from '../../test/birdstrikes.js';
import { outlineOf, scoreWithArtifact } from '../evaluation/onnx.runtime.js';
import { fitLinear } from '../linear/fit-linear.js';
import { answersOf, type FittedModel, linearScorer, writeOnnx } from '../trainers/fitted-model.js';
import { frameOf } from '../trainers/frame.js';
import type { Feature, Row } from '../trainers/row.js';
import { signatureOf } from './emit-answers.js';

const claims = readBirdstrikes();
const fitted = (of: readonly Feature[], rows: readonly Row[]): FittedModel => ({
  features: of,
  target: { task: 'binary', classes: ['0', '1'] },
  scorer: linearScorer(fitLinear(frameOf(of, rows), { task: 'binary' }, { l1: 0, l2: 1 })),
  calibration: { kind: 'none' },
});
const about = { modelName: 'claims-triage', about: 'a test' };
const model = fitted(features, inYears(claims, 1990, 1994));
const artifact = writeOnnx(model, about);

describe('writeOnnx', () => {
  it('answers as the fitted model does, on seen, unseen, rare and missing values', async () => {
    const strange: Row = { occurredAt: 0, label: 0, cells: features.map(({ kind }) => (kind === 'numeric' ? 1e6 : 'Zeppelin \u00fc')) };
    const empty: Row = { occurredAt: 0, label: 0, cells: features.map(({ kind }) => (kind === 'numeric' ? Number.NaN : '')) };
    const rows = [...claims, strange, empty];
    const expected = answersOf(model, frameOf(features, rows));
    const scores = await scoreWithArtifact(artifact, { features, rows });
    expect(Math.max(...scores.map((score, row) => Math.abs(score - expected[row]!)))).toBeLessThan(1e-5);
  });

  it('asks for one tensor per feature under the name of the feature', async () => {
    expect((await outlineOf(artifact)).inputs).toEqual(features);
    expect(signatureOf(features).inputs.map(({ name, kind }) => ({ name, kind }))).toEqual(features);
  });

  it('answers a label per row and two probabilities that add up to one', async () => {
    const session = await InferenceSession.create(artifact);
    const row = claims.find(({ label }) => label === 1)!;
    const feeds = Object.fromEntries(
      features.map(({ name, kind }, position) => {
        const cell = row.cells[position]!;
        return [name, kind === 'numeric' ? new Tensor('float32', [Number(cell)], [1, 1]) : new Tensor('string', [String(cell)], [1, 1])];
      }),
    );
    const { label, probabilities } = await session.run(feeds);
    const [no, yes] = probabilities!.data as Float32Array;
    expect(label!.dims).toEqual([1]);
    expect(label!.type).toBe('int64');
    expect(probabilities!.dims).toEqual([1, 2]);
    expect(no! + yes!).toBeCloseTo(1, 6);
    expect(label!.data[0]).toBe(yes! > 0.5 ? 1n : 0n);
    await session.release();
  });

  it('is one graph without loops, functions or external data', () => {
    const { graph, functions } = fromBinary(onnx.ModelProtoSchema, artifact);
    const operators = new Set(graph!.node.map(({ opType }) => opType));
    expect([...operators].filter((name) => ['Loop', 'Scan', 'If'].includes(name))).toEqual([]);
    expect(functions).toEqual([]);
    expect(graph!.initializer.every(({ externalData }) => externalData.length === 0)).toBe(true);
  });

  it('gives the same bytes for the same rows', () => {
    expect(Buffer.from(writeOnnx(fitted(features, inYears(claims, 1990, 1994)), about)).equals(artifact)).toBe(true);
  });

  it('works when every category is rare', async () => {
    const rows: Row[] = Array.from({ length: 40 }, (_, i) => ({ occurredAt: i, label: i % 3 === 0 ? 1 : 0, cells: [`only ${i}`] }));
    const one: Feature[] = [{ name: 'word', kind: 'categorical' }];
    const rare = fitted(one, rows);
    const scores = await scoreWithArtifact(writeOnnx(rare, about), { features: one, rows });
    expect(scores[0]).toBeCloseTo(answersOf(rare, frameOf(one, rows))[0]!, 5);
  });
});
