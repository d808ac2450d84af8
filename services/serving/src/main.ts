import { start } from '@bascule/platform';
import { appModule } from './app.module.js';
import { configSchema } from './config.js';

await start({ service: 'serving', configSchema, module: appModule });
