import { digest, entityName, environment, evidenceKind, instant, uuid, versionNumber } from '@bascule/contracts';
import { pageQuery, pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { EvidenceEntity } from './evidence.entity.js';

const ms = z.number().min(0);
const count = z.int().min(0);

/** Mean gap between what was predicted and what came, over bins of the score. */
export const calibrationEvidence = z.strictObject({
  kind: z.literal('calibration'),
  error: z.number().min(0).max(1),
  rowCount: z.int().min(1),
});
/** Largest gap between two groups of an attribute. */
export const fairnessEvidence = z.strictObject({
  kind: z.literal('fairness'),
  attribute: z.string().min(1).max(200),
  metric: z.string().min(1).max(100),
  difference: z.number().min(0).max(1),
  rowCount: z.int().min(1),
});
/** What a model did under load: requests come whether or not those before were answered; times count from when they were due. */
export const loadTestEvidence = z.strictObject({
  kind: z.literal('load-test'),
  offeredPerSecond: z.number().positive(),
  answeredPerSecond: z.number().min(0),
  rowsPerRequest: z.int().min(1),
  seconds: z.number().positive(),
  requestCount: count,
  /** Wrong answers, and requests that were not answered by the end. */
  failedCount: count,
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  /** `gateway`: through HTTP, micro-batches and the process that serves it, many clients at once; `model`, and when absent: the model alone. */
  through: z.enum(['gateway', 'model']).optional(),
  connections: z.int().min(1).optional(),
  /** Where it was measured. */
  gatewayId: uuid.optional(),
  environment: environment.optional(),
  processor: z.string().max(200).optional(),
});
export type LoadTestEvidence = z.infer<typeof loadTestEvidence>;
/** Share of the error budget that is left; below 0 when more was spent than there was. */
export const availabilityEvidence = z.strictObject({
  kind: z.literal('availability'),
  objective: z.number().gt(0).lt(1),
  budgetLeft: z.number().max(1),
  windowDays: z.number().positive(),
});
export const documentEvidence = z
  .strictObject({ kind: z.literal('document'), name: entityName, digest: digest.optional(), url: z.url().max(2000).optional() })
  .refine((document) => document.digest !== undefined || document.url !== undefined, 'a digest or an address says where the document is');

/** Evidence about a version. */
export const versionEvidence = z.discriminatedUnion('kind', [calibrationEvidence, fairnessEvidence, loadTestEvidence, documentEvidence]);
export type EvidenceBody = z.infer<typeof versionEvidence> | z.infer<typeof availabilityEvidence>;

export const evidenceQuery = pageQuery.extend({ kind: evidenceKind.optional() }).strict();
export type EvidenceQuery = z.infer<typeof evidenceQuery>;

/** Body of a load test that is run here. */
export const loadTestBody = z
  .strictObject({
    requestsPerSecond: z.number().positive().max(100_000),
    rowsPerRequest: z.int().min(1).max(1000).default(1),
    seconds: z.number().min(1).max(30).default(5),
  })
  .meta({ id: 'RunLoadTest' });
export type LoadTestBody = z.infer<typeof loadTestBody>;

export const evidenceSchema = z
  .object({
    evidenceId: uuid,
    modelName: entityName,
    /** Null when it is about the model, whichever version answers. */
    version: versionNumber.nullable(),
    kind: evidenceKind,
    name: z.string(),
    /** `measured` here, or `declared` by somebody. */
    origin: z.enum(['measured', 'declared']),
    recordedBy: z.string(),
    body: z.record(z.string(), z.unknown()),
    createdAt: instant,
  })
  .meta({ id: 'Evidence' });
export type EvidenceView = z.infer<typeof evidenceSchema>;
export const evidencePage = pageSchema(evidenceSchema).meta({ id: 'EvidencePage' });

export function evidenceView({ createdAt, body, ...evidence }: EvidenceEntity): EvidenceView {
  const { evidenceId, modelName, version, kind, name, origin, recordedBy } = evidence;
  return { evidenceId, modelName, version, kind, name, origin, recordedBy, body: { ...body }, createdAt: createdAt.toISOString() };
}

/** What of its kind a piece of evidence is about. */
export function nameOfEvidence(body: EvidenceBody): string {
  if (body.kind === 'fairness') return `${body.attribute}/${body.metric}`;
  return body.kind === 'document' ? body.name : '';
}
