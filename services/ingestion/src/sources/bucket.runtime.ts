import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '../config.js';
import { sourceUnavailable, sourceUnknownPlace } from '../errors.js';
import { ChangedFile, FileFault, withOwnFaults } from './file-fault.js';
import { isNamedBy } from './file-pattern.js';
import type { FoundFile } from './folder.runtime.js';
import type { BucketSettings } from './sources.schema.js';

type Place = Config['SOURCE_BUCKETS'][string];

const faultsOfPlace = new Set([
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'NoSuchBucket',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'SignatureDoesNotMatch',
  'SlowDown',
]);

/** The door to buckets of S3, and of what speaks its protocol. */
@Injectable()
export class SourceBuckets implements OnModuleDestroy {
  private readonly places: Config['SOURCE_BUCKETS'];
  private readonly clients = new Map<string, Promise<S3Client>>();

  constructor(@Inject(CONFIG) config: Config) {
    this.places = config.SOURCE_BUCKETS;
  }

  async onModuleDestroy(): Promise<void> {
    for (const client of this.clients.values()) (await client).destroy();
  }

  /** @throws when the bucket is not among the settings */
  check({ bucket }: BucketSettings): void {
    if (!Object.hasOwn(this.places, bucket)) throw sourceUnknownPlace({ bucket }, `SOURCE_BUCKETS has no ${bucket}`);
  }

  /** Objects below the prefix whose name fits the pattern, page by page. An object is whole once it is there. */
  async *list(settings: BucketSettings): AsyncGenerator<FoundFile> {
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const client = await this.clientOf(settings);
    let token: string | undefined;
    do {
      const input = { Bucket: this.places[settings.bucket]!.bucket, Prefix: settings.prefix, ContinuationToken: token };
      const page = await client.send(new ListObjectsV2Command(input)).catch((error: unknown) => this.fail(settings, error));
      for (const { Key, Size, LastModified, ETag: tag } of page.Contents ?? []) {
        if (Key === undefined || !Size || !isNamedBy(settings.pattern, Key.slice(Key.lastIndexOf('/') + 1))) continue;
        yield { path: Key, sizeBytes: Size, changedAt: LastModified ?? new Date(0), tag };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** The content of an object, as long as it is the one that was listed. @throws `FileFault`, `ChangedFile`, or that the bucket does not answer */
  async read(settings: BucketSettings, { path, tag }: FoundFile): Promise<Readable> {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const client = await this.clientOf(settings);
    const input = { Bucket: this.places[settings.bucket]!.bucket, Key: path, IfMatch: tag };
    const { Body } = await client.send(new GetObjectCommand(input)).catch((error: unknown) => {
      throw objectFault(error) ?? this.fail(settings, error);
    });
    return withOwnFaults(Body as Readable);
  }

  private clientOf(settings: BucketSettings): Promise<S3Client> {
    this.check(settings);
    const { bucket } = settings;
    const known = this.clients.get(bucket) ?? connect(this.places[bucket]!);
    this.clients.set(bucket, known);
    return known;
  }

  private fail({ bucket }: BucketSettings, error: unknown): never {
    // name and message of the service, never the keys
    const { name, message } = error as Error;
    throw sourceUnavailable({ bucket }, `${name}: ${message}`);
  }
}

/** What is the matter with one object; undefined where the bucket, its service or the keys are to blame. */
function objectFault(error: unknown): Error | undefined {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 500;
  if (status === 412 || status === 404) return new ChangedFile(`${name}: ${message}`);
  const isOfPlace = status < 400 || status > 499 || status === 408 || status === 429 || faultsOfPlace.has(name);
  return isOfPlace ? undefined : new FileFault(`${name}: ${message}`);
}

// a megabyte of code: loaded by those who pull from a bucket
async function connect({ region, endpoint, accessKeyId, secretAccessKey }: Place): Promise<S3Client> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  const keys = accessKeyId !== undefined && secretAccessKey !== undefined ? { credentials: { accessKeyId, secretAccessKey } } : {};
  // other servers have no names of hosts for their buckets
  return new Client({ region, ...keys, ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }), maxAttempts: 3 });
}
