import type { Readable } from 'node:stream';
import { type Credential, requireDataset } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Clock, CONFIG, newId } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Inject, Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { z } from 'zod';
import { BatchesService } from '../batches/batches.service.js';
import { boundedContent } from '../batches/bounded-content.js';
import type { Config } from '../config.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { uploadInvalid, uploadNotFound, uploadOffsetConflict, uploadTooLarge } from '../errors.js';
import { UploadEntity } from './upload.entity.js';
import { UploadFiles } from './upload-files.store.js';
import { parseMetadata, uploadMetadata } from './upload-metadata.js';

const hourMs = 3_600_000;

/** An upload and how much of it is there. */
export interface UploadState {
  readonly upload: UploadEntity;
  readonly offsetBytes: number;
}

/** Uploads in pieces: their bytes are collected in a file, which becomes a batch when it is complete. */
@Injectable()
export class UploadsService {
  private readonly writing = new Set<string>();

  constructor(
    private readonly transactions: Transactions,
    private readonly files: UploadFiles,
    private readonly store: ObjectStore,
    private readonly batches: BatchesService,
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Begins an upload of so many bytes. */
  async begin(lengthBytes: number, metadata: string, credential: Credential): Promise<UploadEntity> {
    if (lengthBytes > this.config.UPLOAD_LIMIT_BYTES) throw uploadTooLarge({ lengthBytes, limitBytes: this.config.UPLOAD_LIMIT_BYTES });
    const values = parseMetadata(metadata);
    if (!values) throw uploadInvalid({}, 'Upload-Metadata is not a list of names and base64 values');
    const { success, data, error } = uploadMetadata.safeParse(values);
    if (!success) throw uploadInvalid({}, `Upload-Metadata: ${z.prettifyError(error)}`);
    const { dataset: datasetName, contract: contractName, filetype: contentType, ...readOptions } = data;
    requireDataset(credential, datasetName);
    await this.contracts.get(contractName);
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + this.config.UPLOAD_EXPIRES_HOURS * hourMs);
    const upload = { id: newId(), datasetName, contractName, contentType, readOptions, metadata, lengthBytes };
    const { manager } = this.transactions;
    const entity = manager.create(UploadEntity, { ...upload, sentBy: credential.identity, batchId: null, createdAt, expiresAt });
    await manager.insert(UploadEntity, entity);
    return entity;
  }

  /** An upload of the sender. One whose bytes are all there becomes its batch, if its process ended before that. */
  async get(id: string, credential: Credential): Promise<UploadState> {
    const upload = await this.find(id, credential);
    if (upload.batchId !== null) return { upload, offsetBytes: upload.lengthBytes };
    const offsetBytes = await this.files.sizeOf(id);
    if (offsetBytes < upload.lengthBytes || this.writing.has(id)) return { upload, offsetBytes };
    return { upload: await this.exclusively(id, () => this.complete(upload)), offsetBytes };
  }

  /** Takes the bytes from an offset on; with the last of them the upload becomes a batch. */
  async append(id: string, offset: number, body: Readable, credential: Credential): Promise<UploadState> {
    return this.exclusively(id, async () => {
      const upload = await this.find(id, credential);
      const offsetBytes = upload.batchId === null ? await this.files.sizeOf(id) : upload.lengthBytes;
      if (offset !== offsetBytes) throw uploadOffsetConflict({ offsetBytes }, `${offsetBytes} bytes have arrived`);
      if (upload.batchId !== null) return { upload, offsetBytes };
      const size = await this.files.write(id, offset, boundedContent(body, 0, upload.lengthBytes - offset));
      return { upload: size < upload.lengthBytes ? upload : await this.complete(upload), offsetBytes: size };
    });
  }

  /** Gives an upload up; a batch that it became stays. */
  async remove(id: string, credential: Credential): Promise<void> {
    await this.find(id, credential);
    await this.transactions.manager.delete(UploadEntity, { id });
    await this.files.remove(id);
  }

  /** Removes uploads that have expired, and files without an upload that is under way. */
  async removeExpired(): Promise<void> {
    const { manager } = this.transactions;
    await manager.delete(UploadEntity, { expiresAt: LessThan(this.clock.now()) });
    for (const id of await this.files.list()) {
      const upload = await manager.findOneBy(UploadEntity, { id });
      if (!upload || upload.batchId !== null) await this.files.remove(id);
    }
  }

  private async find(id: string, { identity, datasets }: Credential): Promise<UploadEntity> {
    const upload = await this.transactions.manager.findOneBy(UploadEntity, { id });
    if (!upload || upload.sentBy !== identity) throw uploadNotFound({ upload: id });
    requireDataset({ datasets } as Credential, upload.datasetName);
    return upload;
  }

  private async exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.writing.has(id)) throw uploadOffsetConflict({ upload: id }, 'another request is writing to it');
    this.writing.add(id);
    try {
      return await work();
    } finally {
      this.writing.delete(id);
    }
  }

  private async complete(upload: UploadEntity): Promise<UploadEntity> {
    const { id, datasetName, contractName, contentType, readOptions, sentBy } = upload;
    const stored = await this.store.put(this.files.read(id));
    const batchId = await this.transactions.run(async (manager) => {
      // another replica may have been faster: the row is looked at under its lock
      const current = await manager.findOne(UploadEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!current) throw uploadNotFound({ upload: id });
      if (current.batchId !== null) return current.batchId;
      const delivery = { datasetName, contractName, contentType, readOptions, origin: 'upload', sentBy } as const;
      const { batch } = await this.batches.receiveStored(delivery, stored, false);
      await manager.update(UploadEntity, { id }, { batchId: batch.id });
      return batch.id;
    });
    await this.files.remove(id);
    return { ...upload, batchId };
  }
}
