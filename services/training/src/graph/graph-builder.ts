import { onnx } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import { type Attribute, nodeOf, valueInfo } from './onnx-node.js';

const { TensorProto_DataType: DataType } = onnx;

interface NodeOptions {
  readonly domain?: 'ai.onnx.ml';
  readonly attributes?: Record<string, Attribute>;
  /** Name of the result; one is made up when absent. */
  readonly as?: string;
  /** How many results it has beyond the first, that nobody reads. */
  readonly more?: number;
}

const elementTypes = { FP32: DataType.FLOAT, FP64: DataType.DOUBLE, INT64: DataType.INT64, BYTES: DataType.STRING } as const;
export type ElementType = keyof typeof elementTypes;

/** Puts a graph together, call by call: every call gives the name of its result. The same calls give the same bytes. */
export class GraphBuilder {
  private readonly nodes: onnx.NodeProto[] = [];
  private readonly constants = new Map<string, onnx.TensorProto>();
  private readonly inputs: onnx.ValueInfoProto[] = [];
  private readonly outputs: onnx.ValueInfoProto[] = [];
  private count = 0;

  input(name: string, type: ElementType): string {
    this.inputs.push(valueInfo(name, elementTypes[type], [-1, 1]));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly number[]): void {
    this.outputs.push(valueInfo(name, elementTypes[type], shape));
  }

  node(opType: string, inputs: readonly string[], { domain, attributes, as, more = 0 }: NodeOptions = {}): string {
    const output = as ?? `bascule:${this.count++}`;
    const node = nodeOf(opType, inputs, output, { ...(domain ? { domain } : {}), ...(attributes ? { attributes } : {}) });
    for (let i = 0; i < more; i++) node.output.push(`${output}:${i + 1}`);
    this.nodes.push(node);
    return output;
  }

  /** 32-bit floats of a shape; equal ones are kept once. */
  floats(values: ArrayLike<number>, dims: readonly number[]): string {
    const floatData = Array.from(values, Math.fround);
    return this.constant(`f${dims.join('x')}:${floatData.join()}`, { dataType: DataType.FLOAT, floatData, dims: dims.map(BigInt) });
  }

  /** One 32-bit float of the shape [1, 1], which goes with every row. */
  float(value: number): string {
    return this.floats([value], [1, 1]);
  }

  double(value: number): string {
    return this.constant(`d:${value}`, { dataType: DataType.DOUBLE, doubleData: [value], dims: [1n, 1n] });
  }

  integers(values: readonly number[]): string {
    return this.constant(`i:${values.join()}`, { dataType: DataType.INT64, int64Data: values.map(BigInt), dims: [BigInt(values.length)] });
  }

  cast(input: string, to: ElementType): string {
    return this.node('Cast', [input], { attributes: { to: { integer: elementTypes[to] } } });
  }

  bytes({ modelName, about }: { modelName: string; about: string }): Uint8Array {
    const graph = create(onnx.GraphProtoSchema, {
      name: modelName,
      docString: about,
      node: this.nodes,
      initializer: [...this.constants.values()],
      input: this.inputs,
      output: this.outputs,
    });
    const opsetImport = [
      { domain: '', version: 20n },
      { domain: 'ai.onnx.ml', version: 3n },
    ];
    const file = create(onnx.ModelProtoSchema, { irVersion: 9n, producerName: 'bascule', graph, opsetImport });
    return toBinary(onnx.ModelProtoSchema, file);
  }

  private constant(key: string, tensor: Parameters<typeof create<typeof onnx.TensorProtoSchema>>[1]): string {
    const known = this.constants.get(key);
    if (known) return known.name;
    const name = `bascule:constant:${this.constants.size}`;
    this.constants.set(key, create(onnx.TensorProtoSchema, { ...tensor, name } as never));
    return name;
  }
}
