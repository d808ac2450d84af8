import { createHash } from 'node:crypto';
import type { VersionEntity } from '../versions/version.entity.js';

/**
 * The CycloneDX 1.6 bill of materials of a version: the model with its hashes, what it was trained on, what it computes
 * with, and its metrics as a model card. It holds only what of a version never changes, so that the same version always gives
 * the same document.
 */
export function mlBomOf(version: VersionEntity): object {
  const { modelName, artifactDigest, profileDigest, datasetName, datasetVersion, evaluationDatasetVersion, admission } = version;
  const modelRef = `model:${modelName}@${version.version}`;
  const data = [
    ...(datasetName && datasetVersion ? [dataset('training', datasetName, datasetVersion)] : []),
    ...(datasetName && evaluationDatasetVersion && evaluationDatasetVersion !== datasetVersion
      ? [dataset('evaluation', datasetName, evaluationDatasetVersion)]
      : []),
  ];
  const runtime = admission ? runtimeOf(admission.runtime) : undefined;
  const parts = [...data, ...(profileDigest ? [profile(profileDigest)] : []), ...(runtime ? [runtime] : [])];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(`${modelRef}/${artifactDigest}`)}`,
    version: 1,
    metadata: {
      timestamp: version.createdAt.toISOString(),
      component: {
        type: 'machine-learning-model',
        'bom-ref': modelRef,
        name: modelName,
        version: String(version.version),
        hashes: [{ alg: 'SHA-256', content: artifactDigest }],
        modelCard: modelCard(version, data),
        properties: propertiesOf(version),
      },
    },
    components: parts,
    dependencies: [{ ref: modelRef, dependsOn: parts.map((part) => part['bom-ref']) }],
  };
}

interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly [field: string]: unknown;
}

function dataset(use: string, name: string, digest: string): Component {
  return {
    type: 'data',
    'bom-ref': `dataset:${name}@${digest}`,
    name,
    version: digest,
    description: `${use} data`,
    hashes: [{ alg: 'SHA-256', content: digest }],
    data: [{ type: 'dataset', name }],
  };
}

function profile(digest: string): Component {
  return {
    type: 'data',
    'bom-ref': `profile:${digest}`,
    name: 'reference-profile.json',
    hashes: [{ alg: 'SHA-256', content: digest }],
    data: [{ type: 'other', name: 'reference profile' }],
  };
}

function runtimeOf(runtime: string): Component {
  const [name = runtime, release = ''] = runtime.split(' ');
  const purl = `pkg:npm/${name}@${release}`;
  return { type: 'library', 'bom-ref': purl, name, version: release, purl };
}

function modelCard({ signature, metrics }: VersionEntity, data: readonly Component[]): object {
  const formatOf = ({ name, datatype, shape }: { name: string; datatype: string; shape: readonly number[] }) => ({
    format: `${name}: ${datatype} [${shape.join(',')}]`,
  });
  return {
    modelParameters: {
      datasets: data.map((component) => ({ ref: component['bom-ref'] })),
      inputs: signature.inputs.map(formatOf),
      outputs: signature.outputs.map(formatOf),
    },
    quantitativeAnalysis: { performanceMetrics: Object.entries(metrics).map(([type, value]) => ({ type, value: String(value) })) },
  };
}

function propertiesOf({ source, registeredBy, runId, admission, params }: VersionEntity): { name: string; value: string }[] {
  return [
    ['source', source],
    ['registeredBy', registeredBy],
    ...(runId ? [['runId', runId]] : []),
    ...(admission
      ? [
          ['onnx:irVersion', String(admission.file.irVersion)],
          ...Object.entries(admission.file.opsets).map(([domain, opset]) => [`onnx:opset:${domain}`, String(opset)]),
          ['onnx:operators', admission.file.operators.join(' ')],
        ]
      : []),
    ...Object.entries(params).map(([name, value]) => [`param:${name}`, String(value)]),
  ].map(([name, value]) => ({ name: `bascule:${name}`, value: value! }));
}

/** A UUID that follows from a name (version 8, RFC 9562). */
function uuidOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
