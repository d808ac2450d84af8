import { type DynamicModule, Module } from '@nestjs/common';
import { LocalStore } from './local-store.js';
import { ObjectStore } from './object-store.js';

/** Provides the `ObjectStore` to every module; `root` is the setting `OBJECT_ROOT`. */
@Module({})
export class StorageModule {
  static forRoot({ root }: { root: string }): DynamicModule {
    const store = {
      provide: ObjectStore,
      useFactory: async (): Promise<ObjectStore> => {
        const local = new LocalStore(root);
        await local.open();
        return local;
      },
    };
    return { module: StorageModule, global: true, providers: [store], exports: [ObjectStore] };
  }
}
