import { start } from '@bascule/platform';
import { serviceOptions } from './app.module.js';

await start(serviceOptions);
