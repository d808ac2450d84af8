// The program of the child process, and the only importer of onnxruntime-node: a native run that hangs or leaks
// can only be ended together with its process.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import type { TensorDatatype } from '@bascule/contracts';
// not the whole platform: this process holds models and little else
import { endWithParent } from '@bascule/platform/end-with-parent';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Tensor, TensorData } from '../inference/tensor.js';
import { type ExecutionProvider, firstThatWorks } from './execution-providers.js';
import { faultText } from './fault-text.js';
import { encodeFrame, type Frame, type FrameHeader, FrameReader, type Graph, packTensors, unpackTensors } from './frame.js';

const onnxTypes: Partial<Record<TensorDatatype, OnnxTensor.Type>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
};
const datatypes = new Map(Object.entries(onnxTypes).map(([datatype, type]) => [type, datatype as TensorDatatype]));
const manifest = readFileSync(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'), 'utf8');
const runtime = `onnxruntime-node ${(JSON.parse(manifest) as { version: string }).version}`;
const sessions = new Map<string, InferenceSession>();
const providers = process.argv.slice(2) as ExecutionProvider[];
// the runtime's native side does not know this class yet; without it, halves travel as 16-bit words
Reflect.deleteProperty(globalThis, 'Float16Array');

// one thread per session: more of them fight with the gateway for the same cores
const options: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  enableCpuMemArena: false,
  logSeverityLevel: 4,
};

function describe(metadata: readonly InferenceSession.ValueMetadata[]): Graph['inputs'] {
  return metadata.map((value) => {
    if (!value.isTensor) return { name: value.name, shape: [] };
    const datatype = datatypes.get(value.type);
    const shape = value.shape.map((axis) => (typeof axis === 'number' && axis >= 0 ? axis : -1));
    return { name: value.name, shape, ...(datatype ? { datatype } : {}) };
  });
}

async function load(model: string, bytes: Buffer): Promise<Graph> {
  await unload(model);
  const { session, provider, refused } = await firstThatWorks(providers, (name) =>
    InferenceSession.create(new Uint8Array(bytes), { ...options, executionProviders: name === 'cpu' ? ['cpu'] : [name, 'cpu'] }),
  );
  sessions.set(model, session);
  const refusedProviders = refused.map((refusal) => ({ ...refusal, reason: faultText(refusal.reason) }));
  return { inputs: describe(session.inputMetadata), outputs: describe(session.outputMetadata), runtime, provider, refusedProviders };
}

async function unload(model: string): Promise<void> {
  await sessions.get(model)?.release();
  sessions.delete(model);
}

async function run(model: string, tensors: readonly Tensor[], outputs: readonly string[]): Promise<Tensor[]> {
  const session = sessions.get(model);
  if (!session) throw new Error(`model ${model} is not loaded`);
  // an input may have any name, __proto__ too
  const feeds = Object.create(null) as Record<string, OnnxTensor>;
  for (const { name, datatype, shape, data } of tensors) {
    feeds[name] = new OnnxTensor(onnxTypes[datatype] as 'float32', data as Float32Array, shape);
  }
  const results = await session.run(feeds, outputs);
  return outputs.map((name) => {
    const value = results[name] as OnnxTensor;
    const datatype = datatypes.get(value.type);
    if (!datatype) throw new Error(`output ${name} is ${value.type}, which the protocol does not carry`);
    return { name, datatype, shape: value.dims, data: value.data as TensorData };
  });
}

async function answer({ header, body }: Frame): Promise<{ header: FrameHeader; body?: Uint8Array[] }> {
  switch (header.kind) {
    case 'load':
      return { header: { kind: 'loaded', graph: await load(header.model, body) } };
    case 'unload':
      await unload(header.model);
      return { header: { kind: 'unloaded' } };
    case 'run': {
      if (!sessions.has(header.model)) return { header: { kind: 'not-loaded' } };
      const packed = packTensors(await run(header.model, unpackTensors(header.tensors, body), header.outputs));
      return { header: { kind: 'ran', tensors: packed.headers }, body: packed.body };
    }
    default:
      throw new Error(`a ${header.kind} frame is an answer, not a question`);
  }
}

// descriptor 3 is one end of a Unix socket pair that the gateway made
const socket = new Socket({ fd: 3 });
const reader = new FrameReader();
let last = Promise.resolve();

socket.on('data', (chunk) => {
  for (const frame of reader.push(chunk)) {
    last = last.then(async () => {
      const { header, body } = await answer(frame).catch((error: unknown) => ({
        header: { kind: 'failed' as const, message: error instanceof Error ? error.message : String(error) },
        body: undefined,
      }));
      socket.cork();
      for (const part of encodeFrame(frame.id, header, body)) socket.write(part);
      socket.uncork();
    });
  }
});
// the gateway is gone: nobody is left to answer, not even a run that does not end
endWithParent();
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
// a signal to the whole process group is the gateway's to handle: it still needs answers while it drains
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
