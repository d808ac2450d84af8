import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { auc } from '@bascule/stats';
import { answersOf, type Frame, fitModel, takeRows } from './product.js';

// one fit in a process of its own, as a run has it: reads a folder of columns, prints one line of JSON

const [folder, trainer] = process.argv.slice(2) as [string, string];
const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as {
  columns: { name: string; kind: 'numeric' | 'categorical' }[];
  repeats: number;
  /** Fits that each lack another share of the rows; 0: one fit on all of them. */
  drops: number;
  train: number;
  test: number;
};

/** One column of a file, read into the memory that the fit works on: a second copy would count as the trainer's. */
function readColumn(part: 'train' | 'test', at: number): Float32Array {
  const rowCount = meta[part];
  const values = new Float32Array(new SharedArrayBuffer(4 * rowCount));
  const piece = Buffer.alloc(1 << 20);
  const file = openSync(join(folder, `${part}.f32`), 'r');
  for (let done = 0; done < 4 * rowCount; ) {
    const count = readSync(file, piece, 0, Math.min(piece.length, 4 * rowCount - done), 4 * at * rowCount + done);
    if (count === 0) throw new Error('a column is too short');
    new Uint8Array(values.buffer).set(piece.subarray(0, count), done);
    done += count;
  }
  closeSync(file);
  return values;
}

function frameOf(part: 'train' | 'test'): Frame {
  const columns = meta.columns.map(({ kind }, at): Frame['columns'][number] => {
    const values = readColumn(part, at);
    if (kind === 'numeric') return { kind: 'numbers', values };
    // a missing category is a text of its own: the empty one
    const most = values.reduce((largest, code) => (Number.isNaN(code) ? largest : Math.max(code, largest)), 0);
    const codes = new Int32Array(values.buffer);
    for (let row = 0; row < codes.length; row++) codes[row] = Number.isNaN(values[row]!) ? most + 1 : values[row]!;
    return { kind: 'texts', codes, dictionary: [...Array.from({ length: most + 1 }, (_, code) => `c${code}`), ''] };
  });
  return { rowCount: meta[part], features: meta.columns, columns, labels: new Float64Array(readFileSync(join(folder, `${part}.u8`))) };
}

const params = {
  'gradient-boosting': { trees: 100, learningRate: 0.1, maxLeaves: 31, minRowsInLeaf: 20, l2: 0, validationFraction: 0 },
  'logistic-regression': { l2: 1 },
}[trainer];
const job = { trainer, params, label: { column: 'label', positive: [1] }, features: meta.columns };
const before = process.memoryUsage.rss();
const train = frameOf('train');
let seconds = Number.POSITIVE_INFINITY;
let model: object = {};
for (let i = 0; i < meta.repeats; i++) {
  const started = performance.now();
  ({ model } = await fitModel(job, () => train));
  seconds = Math.min(seconds, (performance.now() - started) / 1000);
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
const test = frameOf('test');
const areaOf = (of: object) => auc(answersOf(of, test), test.labels);
const areas: number[] = [];
for (let drop = 0; drop < meta.drops; drop++) {
  const kept = Int32Array.from({ length: train.rowCount }, (_, row) => row).filter((row) => row % meta.drops !== drop);
  areas.push(areaOf((await fitModel(job, () => takeRows(train, kept))).model));
}
const onAll = areaOf(model);
const area = areas.length > 0 ? areas.reduce((sum, value) => sum + value, 0) / areas.length : onAll;
const result = { seconds, auc: area, aucOnAll: onAll, areas, peakBytes, grownBytes: peakBytes - before };
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
