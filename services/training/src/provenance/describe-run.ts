import type { Provenance, Resource } from '@bascule/proofs';
import type { UsedProgram } from '../trainers/job.schema.js';

/** How a run made its model, as far as the statement of its provenance says. */
export interface MadeModel {
  readonly runId: string;
  readonly pipeline: { readonly name: string; readonly version: number | null };
  readonly modelName: string;
  readonly dataset: { readonly name: string; readonly version: string };
  readonly evaluationDatasetVersion: string;
  readonly contract: { readonly name: string; readonly version: number } | undefined;
  readonly trainer: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Features, label, split and what else the recipe says. */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly excludedWindows: readonly unknown[];
  readonly seed: number;
  readonly artifactDigest: string;
  readonly profileDigest: string;
  readonly reportDigest?: string | undefined;
  /** The program that trained, where it was none of ours. */
  readonly program?: UsedProgram | undefined;
  /** Files that a program left beside its model. */
  readonly artifacts: readonly { readonly name: string; readonly digest: string }[];
  /** Steps that were not carried out again, each with the run that did. */
  readonly takenOver: Readonly<Record<string, string>>;
  readonly champion?: { readonly version: number; readonly artifactDigest: string } | undefined;
  readonly code: { readonly digest: string; readonly training: string; readonly onnxruntime: string; readonly node: string };
  readonly platform: string;
  readonly startedOn: string;
  readonly finishedOn: string;
}

/** Ties a model to the data, the contract, the code and the parameters that it was made from. */
export function provenanceOf(made: MadeModel): Provenance {
  const { dataset, contract, champion, code, program, evaluationDatasetVersion } = made;
  const dependencies: Resource[] = [
    { name: `dataset:${dataset.name}`, digest: dataset.version, ...(contract ? { annotations: { contract } } : {}) },
  ];
  if (evaluationDatasetVersion !== dataset.version) dependencies.push({ name: 'evaluation-dataset', digest: evaluationDatasetVersion });
  if (champion) dependencies.push({ name: `champion:${champion.version}`, digest: champion.artifactDigest });
  dependencies.push({ name: 'training-code', digest: code.digest }, ...(program ? partsOf(program) : []));
  return {
    subjects: [{ name: 'model.onnx', digest: made.artifactDigest }],
    buildType: 'urn:bascule:training-run:v1',
    externalParameters: {
      pipeline: made.pipeline,
      modelName: made.modelName,
      dataset,
      trainer: made.trainer,
      params: made.params,
      recipe: made.recipe,
    },
    internalParameters: {
      ...{ seed: made.seed, excludedWindows: made.excludedWindows, platform: made.platform },
      ...(Object.keys(made.takenOver).length > 0 ? { takenOver: made.takenOver } : {}),
    },
    dependencies,
    builder: { id: 'urn:bascule:training', version: { training: code.training, onnxruntime: code.onnxruntime, node: code.node } },
    invocationId: made.runId,
    startedOn: made.startedOn,
    finishedOn: made.finishedOn,
    byproducts: [
      { name: 'profile.json', digest: made.profileDigest },
      ...(made.reportDigest ? [{ name: 'evaluation.json', digest: made.reportDigest }] : []),
      ...made.artifacts.map(({ name, digest }) => ({ name, digest })),
    ],
  };
}

/** The command of a program with all its files, and each file by itself. */
function partsOf({ name, version, digest, files }: UsedProgram): Resource[] {
  const whole = { name: `program:${name}`, digest, ...(version === undefined ? {} : { annotations: { version } }) };
  return [whole, ...files.map((file) => ({ name: `program-file:${file.name}`, digest: file.digest }))];
}
