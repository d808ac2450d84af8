import type { RoutedVersion, RoutingEntry } from '@bascule/contracts';

/** What the protocol calls an ONNX model. */
export const platformName = 'onnx_onnxv1';
export const serverName = 'bascule';
export const serverVersion = '0.1.0';
/** Extensions of the protocol spoken here. */
export const extensions: readonly string[] = ['binary_tensor_data', 'parameters', 'model_repository(index)', 'record_parameters'];

export function serverMetadata() {
  return { name: serverName, version: serverVersion, extensions: [...extensions] };
}

/** What this gateway knows of a version in its memory. */
interface ServedFacts {
  readonly leftOut: readonly string[];
  readonly provider: string;
  readonly refusedProviders: readonly { readonly provider: string }[];
}

/** Metadata of one version, with every version that is served beside it. */
export function modelMetadata(entry: RoutingEntry, routed: RoutedVersion, facts: ServedFacts) {
  const columns = (tensors: RoutedVersion['signature']['inputs']) =>
    tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
  return {
    name: entry.modelName,
    versions: entry.versions.map(({ version }) => String(version)),
    platform: platformName,
    inputs: columns(routed.signature.inputs),
    outputs: columns(routed.signature.outputs),
    parameters: {
      model_version: String(routed.version),
      artifact_digest: routed.artifactDigest,
      // what is in memory keeps the role it was loaded with
      role: entry.versions.find(({ version }) => version === routed.version)?.role ?? routed.role,
      left_out: facts.leftOut.join(','),
      provider: facts.provider,
      // wanted, but not to be had here
      provider_fallback_from: facts.refusedProviders.map(({ provider }) => provider).join(','),
    },
  };
}

/** The routing table as far as an index of the models needs it. */
export interface Repository {
  entries(): readonly RoutingEntry[];
  standing(modelName: string, version: RoutedVersion): 'loaded' | 'refused' | 'missing';
  refusalReasons(modelName: string, version: RoutedVersion): readonly string[];
}

const states = { loaded: 'READY', refused: 'UNAVAILABLE', missing: 'LOADING' } as const;

/** The models named by the routing table and how they stand here; a refused one with the reasons. */
export function repositoryIndex(repository: Repository, filter: { isVisible: (modelName: string) => boolean; onlyReady: boolean }) {
  const visible = repository.entries().filter(({ modelName }) => filter.isVisible(modelName));
  const index = visible.flatMap(({ modelName, versions }) =>
    versions.map((version) => ({
      name: modelName,
      version: String(version.version),
      state: states[repository.standing(modelName, version)],
      reason: repository.refusalReasons(modelName, version).join('; '),
    })),
  );
  return filter.onlyReady ? index.filter(({ state }) => state === 'READY') : index;
}
