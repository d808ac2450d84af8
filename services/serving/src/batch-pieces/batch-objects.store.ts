import { join } from 'node:path';
import { CONFIG } from '@bascule/platform';
import { LocalStore } from '@bascule/storage';
import { Module } from '@nestjs/common';
import type { Config } from '../config.js';

/** Inputs, pieces and results of batch jobs: apart from the other objects, because these are removed again. */
export class BatchObjects extends LocalStore {}

const provider = {
  provide: BatchObjects,
  inject: [CONFIG],
  useFactory: async ({ OBJECT_ROOT }: Config): Promise<BatchObjects> => {
    const objects = new BatchObjects(join(OBJECT_ROOT, 'batch-jobs'));
    await objects.open();
    return objects;
  },
};

@Module({ providers: [provider], exports: [BatchObjects] })
export class BatchObjectsModule {}
