import type { DatasetColumn } from '@bascule/contracts';
import type { ValidationReport } from '../validation/validation-report.js';

/** Schemas of the events and facets, as OpenLineage publishes them. */
const spec = 'https://openlineage.io/spec';
const producer = 'urn:bascule:ingestion';
const eventSchema = `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`;

const facetSchemas = {
  assertions: 'facets/1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet',
  metrics: 'facets/1-0-3/DataQualityMetricsInputDatasetFacet.json#/$defs/DataQualityMetricsInputDatasetFacet',
  inputStatistics: 'facets/1-0-0/InputStatisticsInputDatasetFacet.json#/$defs/InputStatisticsInputDatasetFacet',
  outputStatistics: 'facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet',
  schema: 'facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet',
  version: 'facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet',
  errorMessage: 'facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet',
  jobType: 'facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet',
} as const;

/** What is known of a batch when its lineage is told. */
export interface BatchFacts {
  readonly id: string;
  readonly datasetName: string;
  readonly contractName: string;
  readonly contractVersion: number;
  readonly contentDigest: string;
  readonly sizeBytes: number;
  readonly status: 'received' | 'validated' | 'rejected';
  readonly report: ValidationReport | null;
  readonly datasetVersion: string | null;
  readonly receivedAt: Date;
  readonly decidedAt: Date | null;
  readonly maxQuarantinedPercent: number;
  readonly columns: readonly Pick<DatasetColumn, 'name' | 'type'>[];
  /** Bytes of the part that the batch added; none when it added nothing. */
  readonly partBytes: number | undefined;
}

/** The OpenLineage run events of a batch: the start, and the end with its data quality once it is decided. */
export function runEventsOf(batch: BatchFacts): Record<string, unknown>[] {
  const { receivedAt, decidedAt, report } = batch;
  const start = runEvent(batch, 'START', receivedAt, {}, [inputOf(batch, {})], [outputOf(batch)]);
  if (batch.status === 'received' || !report || !decidedAt) return [start];
  const inputs = [inputOf(batch, qualityOf(batch, report))];
  if (batch.status === 'validated') return [start, runEvent(batch, 'COMPLETE', decidedAt, {}, inputs, [outputOf(batch)])];
  const errorMessage = facet('errorMessage', { message: report.rejection.join('; '), programmingLanguage: 'TypeScript' });
  return [start, runEvent(batch, 'FAIL', decidedAt, { errorMessage }, inputs, [outputOf(batch)])];
}

function runEvent(
  batch: BatchFacts,
  eventType: 'START' | 'COMPLETE' | 'FAIL',
  at: Date,
  runFacets: object,
  inputs: object[],
  outputs: object[],
) {
  const jobType = facet('jobType', { processingType: 'BATCH', integration: 'BASCULE', jobType: 'VALIDATION' });
  return {
    eventType,
    eventTime: at.toISOString(),
    run: { runId: batch.id, facets: runFacets },
    job: { namespace: 'bascule', name: `ingestion.${batch.datasetName}`, facets: { jobType } },
    inputs,
    outputs,
    producer,
    schemaURL: eventSchema,
  };
}

function inputOf(batch: BatchFacts, inputFacets: object) {
  return { namespace: 'bascule.content', name: `sha256:${batch.contentDigest}`, facets: {}, inputFacets };
}

function outputOf({ datasetName, datasetVersion, columns, report, partBytes, status }: BatchFacts) {
  const fields = columns.map(({ name, type }) => ({ name, type }));
  const version = datasetVersion === null ? {} : { version: facet('version', { datasetVersion }) };
  const rowCount = report?.acceptedCount ?? 0;
  const size = partBytes === undefined ? {} : { size: partBytes };
  const outputFacets = status === 'validated' ? { outputStatistics: facet('outputStatistics', { rowCount, ...size }) } : {};
  return { namespace: 'bascule', name: datasetName, facets: { schema: facet('schema', { fields }), ...version }, outputFacets };
}

/** What OpenLineage calls how serious an assertion is. */
const severityWords = { error: 'error', warning: 'warn' } as const;

/** The verdict as facets: counts per column, every expectation with what was measured, and what the history does not explain. */
function qualityOf({ sizeBytes, maxQuarantinedPercent }: BatchFacts, report: ValidationReport) {
  const { recordCount, quarantinedCount, duplicateCount, balance, missing, expectations, findings = [] } = report;
  const columnMetrics = Object.fromEntries(
    Object.entries(missing).map(([name, nullCount]) => [name, { nullCount, count: Math.max(0, recordCount - nullCount) }]),
  );
  // repetitions are no fault; reports without a balance count those that were dropped as quarantined
  const faulty = (balance ? balance.quarantined + balance.dropped : quarantinedCount) - duplicateCount;
  const share = recordCount === 0 ? 0 : (100 * faulty) / recordCount;
  const assertions = [
    {
      assertion: 'quarantined_percent',
      success: share <= maxQuarantinedPercent,
      severity: 'error',
      expected: `at most ${maxQuarantinedPercent}`,
      actual: String(Number(share.toFixed(3))),
    },
    ...expectations.map(({ text, measured, holds, severity = 'error', field }) => ({
      ...{ assertion: text, success: holds, severity: severityWords[severity], actual: String(measured) },
      ...(field === undefined ? {} : { column: field }),
    })),
    ...findings.map(({ kind, field, severity, measured, threshold }) => ({
      ...{ assertion: kind, success: false, severity: severityWords[severity], expected: `at most ${threshold}`, actual: String(measured) },
      ...(field === undefined ? {} : { column: field }),
    })),
  ];
  return {
    dataQualityMetrics: facet('metrics', { rowCount: recordCount, bytes: sizeBytes, columnMetrics }),
    dataQualityAssertions: facet('assertions', { assertions }),
    inputStatistics: facet('inputStatistics', { rowCount: recordCount, size: sizeBytes, fileCount: 1 }),
  };
}

function facet(kind: keyof typeof facetSchemas, content: object) {
  return { _producer: producer, _schemaURL: `${spec}/${facetSchemas[kind]}`, ...content };
}
