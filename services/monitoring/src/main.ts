import { start } from '@bascule/platform';
import { appModule } from './app.module.js';
import { configSchema } from './config.js';

await start({ service: 'monitoring', configSchema, module: (config) => appModule(config) });
