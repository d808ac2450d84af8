import { LocalStore, ObjectStore } from '@bascule/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { RecordedStore } from './recorded.store.js';
import { UnusedObjects } from './unused-objects.queries.js';

/** Provides the `ObjectStore` to every module, and keeps on record what nothing has in use. */
@Module({})
export class ObjectsModule {
  static forRoot({ root }: { root: string }): DynamicModule {
    const store = {
      provide: ObjectStore,
      inject: [UnusedObjects],
      useFactory: async (unused: UnusedObjects): Promise<ObjectStore> => {
        const local = new LocalStore(root);
        await local.open();
        return new RecordedStore(local, unused);
      },
    };
    return { module: ObjectsModule, global: true, providers: [store, UnusedObjects], exports: [ObjectStore, UnusedObjects] };
  }
}
