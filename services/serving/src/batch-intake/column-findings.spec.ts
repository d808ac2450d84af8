import assert from 'node:assert/strict';
import type { ModelSignature } from '@bascule/contracts';
import { it } from 'vitest';
import { ColumnFindings } from './column-findings.js';

const shape = [-1, 1];
const signature: ModelSignature = {
  inputs: [
    { name: 'speed', datatype: 'FP32', shape, kind: 'numeric', limits: { minimum: 0, maximum: 600 } },
    { name: 'phase', datatype: 'BYTES', shape, kind: 'categorical', limits: { allowed: ['Climb'] } },
  ],
  outputs: [],
};
const columns = [
  { feature: 'speed', column: 'knots' },
  { feature: 'phase', column: 'phase' },
];
const row = (number: number, ...cells: unknown[]) => ({ number, recordId: '', occurredAtMs: null, cells });

it('of each column, what is missing and what the contract does not allow is counted, with the first such row', () => {
  const findings = new ColumnFindings(columns, signature, []);
  findings.note(row(1, 5n, 'Climb'));
  findings.note(row(2, '700', 'Boden'));
  findings.note(row(3, -1, ''));
  findings.note(row(4, 601n, 'Flug'));
  findings.note({ ...row(5), fault: 'too few cells' });
  const facts = findings.list().map(({ column, kind, rows, firstRow }) => [column, kind, rows, firstRow]);
  assert.deepEqual(facts, [
    ['knots', 'outside_contract', 2, 2],
    ['phase', 'outside_contract', 2, 2],
    ['knots', 'outside_contract', 1, 3],
    ['phase', 'missing', 1, 3],
  ]);
});

it('whoever goes on counts on from what was found before', () => {
  const before = new ColumnFindings(columns, signature, []);
  before.note(row(1, 5, 'Boden'));
  const after = new ColumnFindings(columns, signature, before.list());
  after.note(row(2, 5, 'Flug'));
  assert.deepEqual(
    after.list().map(({ rows, firstRow }) => [rows, firstRow]),
    [[2, 1]],
  );
});
