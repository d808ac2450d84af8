// The only importer of onnxruntime-node.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import { onnxTypeOf, sessionOptions } from '@bascule/proto/onnx-runtime';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { AnswerTensor } from './admission.js';
import { hasBatchAxis, type SampleTensor } from './sample-rows.js';
import { isOnlyNaN, type SilentOutputs } from './silent-outputs.js';

const manifest = readFileSync(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'), 'utf8');
export const runtime = `onnxruntime-node ${(JSON.parse(manifest) as { version: string }).version}`;

/** What a model answered, or what is wrong with it. */
export interface Answer {
  readonly faults: string[];
  readonly tensors: AnswerTensor[];
  /** Outputs that hold nothing but NaN. */
  readonly silent: SilentOutputs;
}

/** A model loaded to be tried. */
export class ProbeSession {
  private constructor(
    private readonly session: InferenceSession,
    private readonly signature: ModelSignature,
  ) {}

  static async open(bytes: Uint8Array, signature: ModelSignature): Promise<ProbeSession> {
    return new ProbeSession(await InferenceSession.create(bytes, { ...sessionOptions, executionProviders: ['cpu'] }), signature);
  }

  /** Inputs and outputs that cannot be carried. */
  unsupported(): string[] {
    return [
      ...this.signature.inputs.map((spec) => ({ ...spec, side: 'input' })),
      ...this.signature.outputs.map((spec) => ({ ...spec, side: 'output' })),
    ]
      .filter(({ datatype }) => !onnxTypeOf(datatype))
      .map(({ side, name, datatype }) => `${side} ${JSON.stringify(name)} is ${datatype}, which cannot be computed here`);
  }

  /** Runs one request. @returns what is wrong with the answer; empty when it is as the signature says */
  async run(request: readonly SampleTensor[]): Promise<string[]> {
    return (await this.answer(request, false)).faults;
  }

  /** Runs one request. @returns the answer, and what is wrong with it */
  async answer(request: readonly SampleTensor[], isKept = true): Promise<Answer> {
    // an input may have any name, __proto__ too
    const feeds = Object.create(null) as Record<string, Tensor>;
    for (const spec of this.signature.inputs) {
      const sample = request.find(({ name }) => name === spec.name);
      if (!sample) return { faults: [`the sample has no input ${JSON.stringify(spec.name)}`], tensors: [], silent: [] };
      feeds[spec.name] = tensorOf(spec.datatype, sample);
    }
    const rows = hasBatchAxis(this.signature) ? request[0]?.shape[0] : undefined;
    const names = this.signature.outputs.map(({ name }) => name);
    const results = await this.session.run(feeds, names);
    const faults = this.signature.outputs.flatMap(({ name, datatype, shape }) => {
      const value = results[name] as Tensor | undefined;
      const called = `output ${JSON.stringify(name)}`;
      if (!value?.dims) return [`${called} is no tensor`];
      if (value.type !== onnxTypeOf(datatype)) return [`${called} is ${value.type}, the signature says ${datatype}`];
      const fits = value.dims.length === shape.length && shape.every((size, axis) => size === -1 || size === value.dims[axis]);
      if (!fits || (rows !== undefined && value.dims[0] !== rows))
        return [`${called} has shape [${value.dims.join(',')}] for ${rows ?? 1} rows, the signature says [${shape.join(',')}]`];
      return [];
    });
    if (faults.length > 0 || !isKept) return { faults, tensors: [], silent: [] };
    const silent = names.filter((name) => isOnlyNaN((results[name] as Tensor).type, (results[name] as Tensor).data));
    const tensors = names.map((name) => plainTensor(name, results[name] as Tensor));
    return { faults, tensors, silent };
  }
}

function plainTensor(name: string, { dims, data }: Tensor): AnswerTensor {
  const cells = Array.from(data as ArrayLike<number | bigint | string>, (cell) => {
    if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : cell.toString();
    return typeof cell === 'number' && Number.isNaN(cell) ? null : cell;
  });
  return { name, shape: dims, data: cells };
}

function tensorOf(datatype: TensorDatatype, { shape, data }: SampleTensor): Tensor {
  return new Tensor(onnxTypeOf(datatype) as 'float32', dataOf(datatype, data) as never, shape as number[]);
}

function dataOf(datatype: TensorDatatype, cells: SampleTensor['data']): unknown {
  switch (datatype) {
    case 'BYTES':
      return cells.map(String);
    case 'BOOL':
      return Uint8Array.from(cells, Number);
    case 'INT64':
      return BigInt64Array.from(cells, (cell) => BigInt(Math.trunc(Number(cell))));
    case 'UINT64':
      return BigUint64Array.from(cells, (cell) => BigInt(Math.trunc(Number(cell))));
    case 'FP16':
      return Uint16Array.from(cells, halfOf);
    case 'FP64':
      return Float64Array.from(cells, Number);
    case 'FP32':
      return Float32Array.from(cells, Number);
    case 'INT8':
      return Int8Array.from(cells, Number);
    case 'UINT8':
      return Uint8Array.from(cells, Number);
    case 'INT16':
      return Int16Array.from(cells, Number);
    case 'UINT16':
      return Uint16Array.from(cells, Number);
    case 'INT32':
      return Int32Array.from(cells, Number);
    default:
      return Uint32Array.from(cells, Number);
  }
}

/** A number as a 16-bit float, rounded down; exact for the small whole numbers that are tried. */
function halfOf(cell: SampleTensor['data'][number]): number {
  const value = Number(cell);
  if (value === 0 || !Number.isFinite(value)) return 0;
  const exponent = Math.max(-14, Math.min(15, Math.floor(Math.log2(Math.abs(value)))));
  const mantissa = Math.min(1023, Math.floor((Math.abs(value) / 2 ** exponent - 1) * 1024));
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | Math.max(0, mantissa);
}
