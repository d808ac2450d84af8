import { join } from 'node:path';
import { type Credential, requireDataset } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Clock, CONFIG, Logger, newId } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { parseMetadata, ResumableUploads, UploadFiles } from '@bascule/uploads';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { BatchesService } from '../batches/batches.service.js';
import type { Config } from '../config.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { type PublishAs, publishAsOf } from '../publication/publish-as.js';
import { uploadErrors } from './errors.js';
import { UploadEntity } from './upload.entity.js';
import { uploadMetadata } from './upload-metadata.js';

const { invalid, notFound, tooLarge } = uploadErrors;

/** Uploads that become batches. */
@Injectable()
export class UploadsService extends ResumableUploads<UploadEntity> {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: ObjectStore,
    private readonly batches: BatchesService,
    private readonly contracts: ContractsService,
    clock: Clock,
    log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const files = new UploadFiles(join(config.OBJECT_ROOT, 'uploads'));
    super({ entity: UploadEntity, errors: uploadErrors, files, transactions, clock, log });
  }

  /** Begins an upload of so many bytes. */
  async begin(lengthBytes: number, metadata: string, credential: Credential): Promise<UploadEntity> {
    const limitBytes = this.config.UPLOAD_LIMIT_BYTES;
    if (lengthBytes > limitBytes) throw tooLarge({ lengthBytes, limitBytes });
    const values = parseMetadata(metadata);
    if (!values) throw invalid({}, 'Upload-Metadata is not a list of names and base64 values');
    const { success, data, error } = uploadMetadata.safeParse(values);
    if (!success) throw invalid({}, `Upload-Metadata: ${z.prettifyError(error)}`);
    const { dataset: datasetName, contract: contractName, filetype: contentType, mode, from, to, ...readOptions } = data;
    const publishAs = publishAsOf({ mode, from, to });
    if (typeof publishAs === 'string') throw invalid({}, `Upload-Metadata: ${publishAs}`);
    requireDataset(credential, datasetName);
    await this.contracts.get(contractName);
    const upload = { id: newId(), datasetName, contractName, contentType, readOptions, metadata, lengthBytes };
    return this.keep({ ...upload, sentBy: credential.identity }, this.config.UPLOAD_EXPIRES_HOURS);
  }

  protected override checkAccess({ datasetName }: UploadEntity, credential: Credential): void {
    requireDataset(credential, datasetName);
  }

  protected override async complete(upload: UploadEntity): Promise<UploadEntity> {
    const { id, datasetName, contractName, contentType, readOptions, sentBy } = upload;
    const { files } = this.parts;
    const stored = await this.store.put(files.read(id));
    const batchId = await this.transactions.run(async (manager) => {
      // another replica may have been faster: the row is looked at under its lock
      const current = await manager.findOne(UploadEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!current) throw notFound({ upload: id });
      if (current.became !== null) return current.became;
      const delivery = { datasetName, contractName, contentType, readOptions, ...publishAsIn(upload), origin: 'upload', sentBy } as const;
      const { batch } = await this.batches.receiveStored(delivery, stored, false);
      await manager.update(UploadEntity, { id }, { became: batch.id });
      return batch.id;
    });
    await files.remove(id);
    return { ...upload, became: batchId };
  }
}

/** What was told when the upload began; it was checked then. */
function publishAsIn({ metadata }: UploadEntity): { publishAs?: PublishAs } {
  const told = uploadMetadata.safeParse(parseMetadata(metadata));
  const publishAs = told.success ? publishAsOf(told.data) : undefined;
  return publishAs === undefined || typeof publishAs === 'string' ? {} : { publishAs };
}
