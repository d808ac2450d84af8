import assert from 'node:assert/strict';
import { decodePredictionBlock, PredictionBlockSchema } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, it } from 'vitest';
import { blockHeader } from './prediction-record.js';
import { closeRows, encodeRecord, encodeSeal, readRecords, rowsHeadBytes } from './write-ahead.js';

const rowsOf = (...ids: string[]) => {
  const predictions = ids.map((predictionId) => ({ predictionId, outputs: [{ kind: { case: 'text', value: 'x'.repeat(200) } }] }));
  return toBinary(PredictionBlockSchema, create(PredictionBlockSchema, { predictions } as never));
};
const row = (id: string) => rowsOf(id);
const seal = { sequence: 7, rows: 2, dropped: 3, runtime: 'r' };
const sealed = Buffer.concat([encodeRecord('row', row('a')), encodeRecord('row', row('b')), encodeSeal(seal)]);

describe('a write-ahead file', () => {
  it('gives back sealed blocks that read as the protobuf message', () => {
    const [block] = readRecords(sealed).blocks;
    assert.deepEqual(block?.seal, seal);
    const bytes = Buffer.concat([blockHeader({ producer: 'p', ...seal }), ...(block?.chunks ?? [])]);
    const message = decodePredictionBlock(bytes);
    assert.deepEqual([message.producer, message.sequence, message.dropped, message.runtime], ['p', 7n, 3n, 'r']);
    assert.deepEqual(
      message.predictions.map(({ predictionId }) => predictionId),
      ['a', 'b'],
    );
  });

  it('gives back rows that no seal follows as the tail', () => {
    const { tail, blocks } = readRecords(Buffer.concat([sealed, encodeRecord('row', row('c'))]));
    assert.equal(blocks.length, 1);
    assert.equal(tail.rows, 1);
  });

  it('gives back rows that were written together, and how many they are', () => {
    const record = Buffer.concat([Buffer.alloc(rowsHeadBytes), rowsOf('c', 'd', 'e')]);
    closeRows(record, 3);
    const { tail } = readRecords(Buffer.concat([sealed, record]));
    assert.equal(tail.rows, 3);
    const { predictions } = decodePredictionBlock(Buffer.concat(tail.chunks));
    assert.deepEqual(
      predictions.map(({ predictionId }) => predictionId),
      ['c', 'd', 'e'],
    );
    assert.equal(readRecords(Buffer.concat([sealed, encodeSeal({ ...seal, rows: 0 })])).blocks[1]?.chunks.length, 0);
  });

  it('stops at a torn record and says how much is whole', () => {
    const torn = encodeRecord('row', row('c'));
    for (const cut of [1, 8, 9, torn.length - 1]) {
      const found = readRecords(Buffer.concat([sealed, torn.subarray(0, cut)]));
      assert.equal(found.validBytes, sealed.length);
      assert.equal(found.tail.rows, 0);
    }
  });

  it('stops at a record whose checksum does not fit', () => {
    const spoiled = Buffer.from(encodeRecord('row', row('c')));
    spoiled[20] = (spoiled[20] as number) ^ 1;
    assert.equal(readRecords(Buffer.concat([sealed, spoiled])).validBytes, sealed.length);
  });
});
