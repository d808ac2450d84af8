import type { ModelSignature } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { CategoricalEncoding, NumericEncoding } from './encoding.js';
import type { LogisticModel } from './logistic-regression.js';
import { floatConstant, integersConstant, nodeOf, valueInfo } from './onnx-node.js';
import type { Feature } from './row.js';

const { TensorProto_DataType: DataType } = onnx;

interface Part {
  readonly output: string;
  readonly nodes: onnx.NodeProto[];
  readonly constants: onnx.TensorProto[];
}

function categoricalPart(feature: CategoricalEncoding, weights: Float64Array): Part {
  const output = `${feature.name}:weight`;
  const categories = [...feature.columns];
  const other = weights[feature.otherColumn]!;
  // the encoder refuses an empty list; a category nobody sends stands in for it
  const entries: [string, number][] =
    categories.length > 0 ? categories.map(([category, column]) => [category, weights[column]!]) : [['\u0000', other]];
  const encoder = nodeOf('LabelEncoder', [feature.name], output, {
    domain: 'ai.onnx.ml',
    attributes: {
      keys_strings: { strings: entries.map(([category]) => category) },
      values_floats: { floats: entries.map(([, weight]) => weight) },
      default_float: { float: other },
    },
  });
  return { output, nodes: [encoder], constants: [] };
}

function numericPart(feature: NumericEncoding, weights: Float64Array): Part {
  const { name, median, mean, deviation } = feature;
  const weight = weights[feature.valueColumn]! / deviation;
  const whenMissing = (median - mean) * weight + weights[feature.missingColumn]!;
  const output = `${name}:weight`;
  return {
    output,
    nodes: [
      nodeOf('IsNaN', [name], `${name}:missing`),
      nodeOf('Sub', [name, `${name}:mean`], `${name}:centred`),
      nodeOf('Mul', [`${name}:centred`, `${name}:slope`], `${name}:present`),
      nodeOf('Where', [`${name}:missing`, `${name}:absent`, `${name}:present`], output),
    ],
    constants: [floatConstant(`${name}:mean`, mean), floatConstant(`${name}:slope`, weight), floatConstant(`${name}:absent`, whenMissing)],
  };
}

/** What a client sends to and gets from a model with these features. */
export function signatureOf(features: readonly Feature[]): ModelSignature {
  return {
    inputs: features.map(({ name, kind }) => ({ name, kind, datatype: kind === 'numeric' ? 'FP32' : 'BYTES', shape: [-1, 1] })),
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
    ],
  };
}

/** Writes the model as one ONNX graph: raw, typed features in, label and probabilities out; no loops, no other file. */
export function buildOnnx(model: LogisticModel, { modelName, about }: { modelName: string; about: string }): Uint8Array {
  const { features } = model.encoding;
  const parts = features.map((feature) =>
    feature.kind === 'categorical' ? categoricalPart(feature, model.weights) : numericPart(feature, model.weights),
  );
  const graph = create(onnx.GraphProtoSchema, {
    name: modelName,
    docString: about,
    node: [
      ...parts.flatMap((part) => part.nodes),
      nodeOf('Sum', ['bascule:intercept', ...parts.map((part) => part.output)], 'bascule:logit'),
      nodeOf('Sigmoid', ['bascule:logit'], 'bascule:positive'),
      nodeOf('Sub', ['bascule:one', 'bascule:positive'], 'bascule:negative'),
      nodeOf('Concat', ['bascule:negative', 'bascule:positive'], 'probabilities', { attributes: { axis: { integer: 1 } } }),
      nodeOf('Greater', ['bascule:positive', 'bascule:half'], 'bascule:chosen'),
      nodeOf('Cast', ['bascule:chosen'], 'bascule:class', { attributes: { to: { integer: DataType.INT64 } } }),
      nodeOf('Reshape', ['bascule:class', 'bascule:flat'], 'label'),
    ],
    initializer: [
      ...parts.flatMap((part) => part.constants),
      floatConstant('bascule:intercept', model.intercept),
      floatConstant('bascule:one', 1),
      floatConstant('bascule:half', 0.5),
      integersConstant('bascule:flat', [-1]),
    ],
    input: features.map(({ name, kind }) => valueInfo(name, kind === 'numeric' ? DataType.FLOAT : DataType.STRING, [-1, 1])),
    output: [valueInfo('label', DataType.INT64, [-1]), valueInfo('probabilities', DataType.FLOAT, [-1, 2])],
  });
  const file = create(onnx.ModelProtoSchema, {
    irVersion: 8n,
    producerName: 'bascule',
    graph,
    opsetImport: [
      { domain: '', version: 17n },
      { domain: 'ai.onnx.ml', version: 3n },
    ],
  });
  return toBinary(onnx.ModelProtoSchema, file);
}
