import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { readUntil } from './list-bucket.js';

interface Listed {
  readonly revision: number;
  readonly delta: number;
}
async function* listed(...entries: Listed[]) {
  for (const entry of entries) yield entry;
}
const read = async (entries: AsyncIterable<Listed>, last: number) => {
  const { entries: found, isWhole } = await readUntil(entries, last, () => {});
  return [found.map(({ revision }) => revision), isWhole];
};

describe('the listing of a bucket', () => {
  it('is over once it has what there was, however fast others write', async () => {
    async function* writtenForEver() {
      for (let revision = 7; ; revision++) yield { revision, delta: 1 };
    }
    assert.deepEqual(await read(writtenForEver(), 9), [[7, 8, 9], false]);
    // the newest of then was written again: what replaced it comes later
    assert.deepEqual(await read(listed({ revision: 7, delta: 2 }, { revision: 12, delta: 1 }), 9), [[7, 12], false]);
  });

  it('is whole when nothing is left, also where the last write is gone', async () => {
    assert.deepEqual(await read(listed({ revision: 7, delta: 1 }, { revision: 8, delta: 0 }, { revision: 99, delta: 0 }), 9), [
      [7, 8],
      true,
    ]);
    assert.deepEqual(await read(listed({ revision: 9, delta: 0 }), 9), [[9], true]);
  });

  it('that ends before is no listing: what is absent would count as deleted', async () => {
    await assert.rejects(read(listed({ revision: 7, delta: 1 }), 9), /ended early/);
  });
});
