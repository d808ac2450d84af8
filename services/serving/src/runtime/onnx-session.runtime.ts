// The only importer of onnxruntime-node.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { TensorDatatype } from '@bascule/contracts';
import { onnxTypeOf, onnxTypes, sessionOptions } from '@bascule/proto/onnx-runtime';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Tensor, TensorData } from '../inference/tensor.js';
import { type ExecutionProvider, firstThatWorks } from './execution-providers.js';
import { faultText } from './fault-text.js';
import type { Graph } from './frame.js';

const datatypes = new Map<string, TensorDatatype>(Object.entries(onnxTypes).map(([datatype, type]) => [type, datatype as TensorDatatype]));
const manifest = readFileSync(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'), 'utf8');
const runtime = `onnxruntime-node ${(JSON.parse(manifest) as { version: string }).version}`;

/** A model in this process. */
export class OnnxSession {
  private constructor(
    private readonly session: InferenceSession,
    readonly graph: Graph,
  ) {}

  /** Loads a model with the first of the providers that takes it. */
  static async open(bytes: Uint8Array, providers: readonly ExecutionProvider[]): Promise<OnnxSession> {
    const { session, provider, refused } = await firstThatWorks(providers, (name) =>
      InferenceSession.create(new Uint8Array(bytes), { ...sessionOptions, executionProviders: name === 'cpu' ? ['cpu'] : [name, 'cpu'] }),
    );
    return new OnnxSession(session, {
      inputs: describe(session.inputMetadata),
      outputs: describe(session.outputMetadata),
      runtime,
      provider,
      refusedProviders: refused.map((refusal) => ({ ...refusal, reason: faultText(refusal.reason) })),
    });
  }

  async run(tensors: readonly Tensor[], outputs: readonly string[]): Promise<Tensor[]> {
    // an input may have any name, __proto__ too
    const feeds = Object.create(null) as Record<string, OnnxTensor>;
    for (const { name, datatype, shape, data } of tensors) {
      feeds[name] = new OnnxTensor(onnxTypeOf(datatype) as 'float32', data as Float32Array, shape);
    }
    const results = await this.session.run(feeds, outputs);
    return outputs.map((name) => {
      const value = results[name] as OnnxTensor;
      const datatype = datatypes.get(value.type);
      if (!datatype) throw new Error(`output ${name} is ${value.type}, which the protocol does not carry`);
      return { name, datatype, shape: value.dims, data: value.data as TensorData };
    });
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

function describe(metadata: readonly InferenceSession.ValueMetadata[]): Graph['inputs'] {
  return metadata.map((value) => {
    if (!value.isTensor) return { name: value.name, shape: [] };
    const datatype = datatypes.get(value.type);
    const shape = value.shape.map((axis) => (typeof axis === 'number' && axis >= 0 ? axis : -1));
    return { name: value.name, shape, ...(datatype ? { datatype } : {}) };
  });
}
