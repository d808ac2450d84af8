import {
  columnLimits,
  digest,
  entityName,
  environment,
  instant,
  metrics,
  modelSignature,
  pairedComparison,
  tags,
  tensorDatatype,
  tensorSpec,
  uuid,
  versionNumber,
  versionSource,
} from '@bascule/contracts';
import { pageQuery, pageSchema } from '@bascule/platform';
import { z } from 'zod';
import { tagQuery } from '../models/models.schema.js';
import { metricFaults } from './metric-ranges.js';
import { metricsDeclaredBy, metricsOrigin } from './metrics-origin.js';
import type { VersionEntity } from './version.entity.js';

const declaredMetrics = metrics.superRefine((declared, context) => {
  for (const { path, message } of metricFaults(declared)) {
    context.addIssue({ code: 'custom', path: path.split('.').slice(1), message });
  }
});

const askedTensor = tensorSpec.extend({ limits: columnLimits.strict().optional() }).strict();
/** A signature as somebody gives it: a misspelt field would be lost without a word. */
export const askedSignature = modelSignature.extend({ inputs: z.array(askedTensor).min(1), outputs: z.array(askedTensor).min(1) }).strict();

/** Body of an upload: everything a run would have told about the version. */
export const uploadVersionBody = z
  .strictObject({
    artifactDigest: digest,
    signature: askedSignature,
    /** Measured elsewhere; without `auc` the version cannot pass the gates. */
    metrics: declaredMetrics.default({}),
    profileDigest: digest.optional(),
    title: z.string().min(1).max(200).optional(),
    datasetName: entityName.optional(),
    datasetVersion: digest.optional(),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    /** `import` for a version that another registry knows; say in the tags which. */
    source: z.enum(['upload', 'import']).default('upload'),
    description: z.string().max(10_000).default(''),
    tags: tags.default({}),
    /** One request the model has to answer before it is let in: values row by row. Without it, plausible rows are made up. */
    samples: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          /** As the Open Inference Protocol has it; what counts is the type in the signature. */
          datatype: tensorDatatype.optional(),
          shape: z.array(z.int().min(0)).min(1).max(16),
          data: z
            .array(z.union([z.number(), z.string(), z.boolean()]))
            .min(1)
            .max(100_000),
        }),
      )
      .max(1000)
      .optional(),
  })
  .meta({ id: 'UploadVersion' });
export type UploadVersion = z.infer<typeof uploadVersionBody>;

/** What of a version may change; what is left out stays. */
export const versionDetails = z
  .strictObject({ description: z.string().max(10_000).optional(), tags: tags.optional() })
  .meta({ id: 'VersionDetails' });
export type VersionDetails = z.infer<typeof versionDetails>;

const stage = z.enum(['candidate', 'staging', 'production', 'archived']);

/** Filters of the lists of versions; all given ones have to fit. */
export const versionQuery = pageQuery
  .extend({
    stage: stage.optional(),
    source: versionSource.optional(),
    /** Part of the model's name or of the description, in any case. */
    search: z.string().min(1).max(100).optional(),
    tag: tagQuery.optional(),
    artifactDigest: digest.optional(),
    datasetVersion: digest.optional(),
  })
  .strict();
export type VersionQuery = z.infer<typeof versionQuery>;

export const archiveBody = z.strictObject({ reason: z.string().min(3).max(1000) }).meta({ id: 'ArchiveVersion' });
export type ArchiveVersion = z.infer<typeof archiveBody>;

export const versionParam = z.coerce.number().int().min(1).max(2_147_483_647);

const params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const admissionSchema = z.object({
  file: z.object({
    irVersion: z.int(),
    opsets: z.record(z.string(), z.int()),
    operators: z.array(z.string()),
    producer: z.string(),
  }),
  runtime: z.string(),
  loadMs: z.number(),
  /** Latency in milliseconds of one run on one thread, and resident memory, by rows per run. */
  batches: z.array(z.object({ rows: z.int(), runs: z.int(), medianMs: z.number(), p95Ms: z.number(), residentBytes: z.int() })),
  cautions: z.array(z.string()),
});
const rowRange = z.object({ from: instant, to: instant, rowCount: z.int() });

/** A version as the API shows it. */
export const versionSchema = z
  .object({
    modelName: entityName,
    version: versionNumber,
    stage,
    source: versionSource,
    /** What inspecting and trying the model found before it was let in; null for versions from before there was a probe. */
    admission: admissionSchema.nullable(),
    description: z.string(),
    tags,
    runId: uuid.nullable(),
    registeredBy: z.string(),
    artifactDigest: digest,
    artifactSizeBytes: z.int(),
    profileDigest: digest.nullable(),
    datasetName: entityName.nullable(),
    datasetVersion: digest.nullable(),
    evaluationDatasetVersion: digest.nullable(),
    signature: modelSignature,
    metrics,
    /** Whether the metrics were measured here, or by whom they were declared. */
    metricsOrigin: z.string(),
    /** The champion of the version's time on the same hold-out rows. */
    comparison: z.object({ version: versionNumber, metrics, paired: pairedComparison.optional() }).nullable(),
    /** Of the evaluation report in the object store. */
    reportDigest: digest.nullable(),
    /** The signed statement of what it was made from (in-toto, SLSA) in the object store, and the public key that signed it. */
    provenance: z.object({ digest, publicKey: z.string() }).nullable(),
    /** Promotions of it that passed over gates: that stays with it, whatever became of them. */
    overrides: z.array(z.object({ promotionId: uuid, environment, by: z.string(), reason: z.string(), at: instant, status: z.string() })),
    params,
    trainedOn: rowRange.nullable(),
    evaluatedOn: rowRange.nullable(),
    createdAt: instant,
    archivedAt: instant.nullable(),
    archivedBy: z.string().nullable(),
    archiveReason: z.string().nullable(),
  })
  .meta({ id: 'ModelVersion' });
export type VersionView = z.infer<typeof versionSchema>;
export const versionPage = pageSchema(versionSchema).meta({ id: 'ModelVersionPage' });

/** @param overrides as `overridesOf` reads them; a version that was just made has none */
export function versionView(version: VersionEntity, overrides: VersionView['overrides'] = []): VersionView {
  return {
    modelName: version.modelName,
    version: version.version,
    stage: version.stage,
    source: version.source,
    admission: version.admission,
    description: version.description,
    tags: version.tags,
    runId: version.runId,
    registeredBy: version.registeredBy,
    artifactDigest: version.artifactDigest,
    artifactSizeBytes: Number(version.artifactSizeBytes),
    profileDigest: version.profileDigest,
    datasetName: version.datasetName,
    datasetVersion: version.datasetVersion,
    evaluationDatasetVersion: version.evaluationDatasetVersion,
    signature: version.signature,
    metrics: version.metrics,
    metricsOrigin: metricsOrigin(metricsDeclaredBy(version)),
    comparison: version.comparison,
    reportDigest: version.reportDigest,
    provenance: version.provenance,
    overrides,
    params: version.params,
    trainedOn: version.trainedOn,
    evaluatedOn: version.evaluatedOn,
    createdAt: version.createdAt.toISOString(),
    archivedAt: version.archivedAt?.toISOString() ?? null,
    archivedBy: version.archivedBy,
    archiveReason: version.archiveReason,
  };
}
