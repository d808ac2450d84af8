import type { RoutedVersion, RoutingEntry } from '@bascule/contracts';
import type { Tensor } from './tensor.js';
import { dataToJson } from './tensor-json.js';

/** What the protocol calls an ONNX model. */
export const platformName = 'onnx_onnxv1';
export const serverName = 'bascule';
export const serverVersion = '0.1.0';
/** Extensions of the protocol spoken here. */
export const extensions: readonly string[] = ['model_repository(index)', 'record_parameters'];

export function serverMetadata() {
  return { name: serverName, version: serverVersion, extensions: [...extensions] };
}

/** Metadata of one version, with every version that is served beside it. */
export function modelMetadata(entry: RoutingEntry, routed: RoutedVersion, facts: { platform: string; leftOut: readonly string[] }) {
  const columns = (tensors: RoutedVersion['signature']['inputs']) =>
    tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
  return {
    name: entry.modelName,
    versions: entry.versions.map(({ version }) => String(version)),
    platform: facts.platform,
    inputs: columns(routed.signature.inputs),
    outputs: columns(routed.signature.outputs),
    parameters: {
      model_version: String(routed.version),
      artifact_digest: routed.artifactDigest,
      // what is in memory keeps the role it was loaded with
      role: entry.versions.find(({ version }) => version === routed.version)?.role ?? routed.role,
      left_out: facts.leftOut.join(','),
    },
  };
}

/** The models named by the routing table and how they stand here. */
export function repositoryIndex(entries: readonly RoutingEntry[], standing: (modelName: string, version: RoutedVersion) => string) {
  return entries.flatMap(({ modelName, versions }) =>
    versions.map((version) => {
      const state = standing(modelName, version);
      return {
        name: modelName,
        version: String(version.version),
        state: state === 'loaded' ? 'READY' : state === 'refused' ? 'UNAVAILABLE' : 'LOADING',
        reason: state === 'refused' ? 'load refused' : '',
      };
    }),
  );
}

interface Answered {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id?: string;
  readonly predictionId: string;
  readonly outputs: readonly Tensor[];
}

/** The REST body of an answer. */
export function inferenceJson({ modelName, modelVersion, id, predictionId, outputs }: Answered): string {
  return JSON.stringify({
    model_name: modelName,
    model_version: modelVersion,
    ...(id === undefined ? {} : { id }),
    parameters: { prediction_id: predictionId },
    outputs: outputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data: dataToJson(datatype, data) })),
  });
}
