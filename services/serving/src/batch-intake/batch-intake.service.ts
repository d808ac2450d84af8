import { Readable } from 'node:stream';
import { type Credential, requireDataset } from '@bascule/access';
import type { CaptureSetting, RoutedVersion } from '@bascule/contracts';
import { BasculeError, invalidRequest } from '@bascule/platform';
import { objectNotFound } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import type { BatchJob, BatchOptions, BatchSource } from '../batch-jobs/batch-job.entity.js';
import { datasetBody, type SubmitQuery } from '../batch-jobs/batch-jobs.schema.js';
import { BatchJobsService } from '../batch-jobs/batch-jobs.service.js';
import { batchInputRemoved } from '../batch-jobs/errors.js';
import { BatchCleaning } from '../batch-results/batch-cleaning.service.js';
import { BatchInputs } from './batch-input.store.js';
import { BatchUploads } from './batch-upload.service.js';

/** A request for a batch job. */
export interface IntakeRequest {
  readonly modelName: string;
  readonly query: SubmitQuery;
  readonly credential: Credential;
  readonly idempotencyKey: string | undefined;
  /** The file as it comes, or JSON that names a dataset version. */
  readonly body: unknown;
  readonly contentType: string;
  readonly contentEncoding: string | undefined;
}

/** Takes inputs in: stored, looked at, accepted; what is refused leaves nothing behind. */
@Injectable()
export class BatchIntake {
  constructor(
    private readonly jobs: BatchJobsService,
    private readonly inputs: BatchInputs,
    private readonly uploads: BatchUploads,
    private readonly cleaning: BatchCleaning,
  ) {}

  async accept(request: IntakeRequest): Promise<{ job: BatchJob; isRepeat: boolean }> {
    const { modelName, query, credential, idempotencyKey } = request;
    const { version, capture } = await this.jobs.getTarget(modelName, query.version);
    const { source, options } = await this.inputOf(request, capture);
    let isTaken = false;
    try {
      await this.check(source, options, version);
      const accepted = await this.jobs.submit({ modelName, version, source, options, credential, idempotencyKey });
      isTaken = !accepted.isRepeat;
      return accepted;
    } finally {
      if (!isTaken) await this.cleaning.discardInput(source);
    }
  }

  private async check(source: BatchSource, options: BatchOptions, version: RoutedVersion): Promise<void> {
    try {
      await this.inputs.check(source, options, version);
    } catch (error) {
      // the same bytes were the input of another job, and went with it
      const isGone = source.kind === 'file' && error instanceof BasculeError && error.code === objectNotFound.definition.code;
      throw isGone ? batchInputRemoved() : error;
    }
  }

  private async inputOf(
    request: IntakeRequest,
    ofEndpoint: CaptureSetting | null,
  ): Promise<{ source: BatchSource; options: BatchOptions }> {
    const { output, id, occurredAt, mapping, absentFeatures, capture: wanted } = request.query;
    const capture = wanted === 'off' ? { level: 'off' as const } : ofEndpoint;
    const asked = {
      ...{ output, idColumn: id ?? null, occurredAtColumn: occurredAt ?? null, mapping: mapping ?? {} },
      ...(absentFeatures === 'missing' ? { absentFeatures } : {}),
      ...(capture ? { capture } : {}),
    };
    if (request.body instanceof Readable) {
      const contentType = request.contentType.split(';')[0]!.trim().toLowerCase();
      const { digest, sizeBytes } = await this.uploads.store(request.body, request.contentEncoding);
      return { source: { kind: 'file', digest, sizeBytes, contentType }, options: asked };
    }
    const body = datasetBody.safeParse(request.body);
    if (!body.success) throw invalidRequest({}, 'Send a file, or JSON of the form {"dataset": {"name", "version"}} and nothing else.');
    const { name: datasetName, version: datasetVersion } = body.data.dataset;
    requireDataset(request.credential, datasetName);
    const { columns } = await this.inputs.getManifest(datasetName, datasetVersion);
    // the contract of the dataset says what its columns are for
    const columnOf = (role: string) => columns.find((column) => column.role === role)?.name ?? null;
    const options = { ...asked, idColumn: asked.idColumn ?? columnOf('id'), occurredAtColumn: asked.occurredAtColumn ?? columnOf('time') };
    return { source: { kind: 'dataset', datasetName, datasetVersion }, options };
  }
}
