import type { Readable } from 'node:stream';
import type { Credential } from '@bascule/access';
import type { Transactions } from '@bascule/database';
import type { Clock, Logger } from '@bascule/platform';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { type DeepPartial, type FindOptionsWhere, LessThan } from 'typeorm';
import { boundedContent } from './bounded-content.js';
import type { UploadEntity, UploadState } from './upload.entity.js';
import type { UploadErrors } from './upload-errors.js';
import type { UploadFiles } from './upload-files.js';

const hourMs = 3_600_000;

/** What uploads stand on. */
export interface UploadParts<U extends UploadEntity> {
  readonly entity: new () => U;
  readonly errors: UploadErrors;
  readonly files: UploadFiles;
  readonly transactions: Transactions;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Uploads in pieces: their bytes are collected in a file, which becomes something of the service when it is complete. Looks every hour for those that nobody completed. */
export abstract class ResumableUploads<U extends UploadEntity> implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly writing = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  protected constructor(protected readonly parts: UploadParts<U>) {}

  /** Makes of all the bytes what they are for. Called again when a process ended in the middle, and at once by two replicas. @returns the upload with what it became */
  protected abstract complete(upload: U): Promise<U>;

  /** Refuses a credential that may not reach this upload of its own. */
  protected checkAccess(_upload: U, _credential: Credential): void {}

  onApplicationBootstrap(): void {
    const { log } = this.parts;
    const run = () => this.removeExpired().catch((error: unknown) => log.warn({ err: error }, 'expired uploads were not removed'));
    this.timer = setInterval(() => void run(), hourMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** An upload of the sender. One whose bytes are all there becomes complete, if its process ended before that. */
  async get(id: string, credential: Credential): Promise<UploadState<U>> {
    const upload = await this.find(id, credential);
    if (upload.became !== null) return { upload, offsetBytes: upload.lengthBytes };
    const offsetBytes = await this.parts.files.sizeOf(id);
    if (offsetBytes < upload.lengthBytes || this.writing.has(id)) return { upload, offsetBytes };
    return { upload: await this.exclusively(id, () => this.complete(upload)), offsetBytes };
  }

  /** Takes the bytes from an offset on; with the last of them the upload is complete. */
  async append(id: string, offset: number, body: Readable, credential: Credential): Promise<UploadState<U>> {
    const { files, errors } = this.parts;
    return this.exclusively(id, async () => {
      const upload = await this.find(id, credential);
      const offsetBytes = upload.became === null ? await files.sizeOf(id) : upload.lengthBytes;
      if (offset !== offsetBytes) throw errors.offsetConflict({ offsetBytes }, `${offsetBytes} bytes have arrived`);
      if (upload.became !== null) return { upload, offsetBytes };
      const size = await files.write(id, offset, boundedContent(body, { limitBytes: upload.lengthBytes - offset }, errors));
      return { upload: size < upload.lengthBytes ? upload : await this.complete(upload), offsetBytes: size };
    });
  }

  /** Gives an upload up; what it became stays. */
  async remove(id: string, credential: Credential): Promise<void> {
    await this.find(id, credential);
    await this.parts.transactions.manager.delete(this.parts.entity, { id });
    await this.parts.files.remove(id);
  }

  /** Removes uploads that have expired, and files without an upload that is under way. */
  async removeExpired(): Promise<void> {
    const { transactions, entity, clock, files } = this.parts;
    await transactions.manager.delete(entity, { expiresAt: LessThan(clock.now()) });
    for (const id of await files.list()) {
      const upload = await transactions.manager.findOneBy(entity, { id } as FindOptionsWhere<U>);
      if (!upload || upload.became !== null) await files.remove(id);
    }
  }

  /** Keeps a new upload, with so long to become complete. */
  protected async keep(upload: DeepPartial<U>, lifetimeHours: number): Promise<U> {
    const { transactions, entity, clock } = this.parts;
    const createdAt = clock.now();
    const expiresAt = new Date(createdAt.getTime() + lifetimeHours * hourMs);
    const kept = transactions.manager.create(entity, { ...upload, became: null, createdAt, expiresAt } as DeepPartial<U>);
    return transactions.manager.save(entity, kept);
  }

  private async find(id: string, credential: Credential): Promise<U> {
    const { transactions, entity, errors } = this.parts;
    const upload = await transactions.manager.findOneBy(entity, { id } as FindOptionsWhere<U>);
    if (!upload || upload.sentBy !== credential.identity) throw errors.notFound({ upload: id });
    this.checkAccess(upload, credential);
    return upload;
  }

  private async exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.writing.has(id)) throw this.parts.errors.offsetConflict({ upload: id }, 'another request is writing to it');
    this.writing.add(id);
    try {
      return await work();
    } finally {
      this.writing.delete(id);
    }
  }
}
