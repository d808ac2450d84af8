import { start } from '@bascule/platform';
import { appModule } from './app.module.js';
import { configSchema } from './config.js';

await start({ service: 'governance', configSchema, module: (config) => appModule(config) });
