import { start } from '@bascule/platform';
import { serviceOptions } from './service-options.js';

await start(serviceOptions);
