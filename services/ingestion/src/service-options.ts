import type { ServiceOptions } from '@bascule/platform';
import { appModule } from './app.module.js';
import { contentTypes } from './batches/content-type.js';
import { configSchema } from './config.js';

/** How the service is started, by `main.ts` and by tests alike. */
export const serviceOptions: ServiceOptions<typeof configSchema> = {
  service: 'ingestion',
  configSchema,
  module: appModule,
  rawBodies: contentTypes,
  bodyLimitBytes: 64 * 1024 * 1024,
};
