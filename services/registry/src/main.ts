import { start } from '@bascule/platform';
import { appModule } from './app.module.js';
import { configSchema, isStreamed, maxArtifactBytes } from './config.js';

await start({
  service: 'registry',
  configSchema,
  module: appModule,
  rawBodies: ['application/octet-stream'],
  isStreamed,
  bodyLimitBytes: maxArtifactBytes,
  jsonLimitBytes: 1024 * 1024,
});
