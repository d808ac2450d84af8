import { readConfig, start } from '@bascule/platform';
import { serviceOptions } from './app.module.js';
import { configSchema } from './config.js';
import { behindParent, isBehindParent } from './processes/behind-parent.runtime.js';
import { ProcessSupervisor } from './processes/process-supervisor.runtime.js';

const isParent = !isBehindParent() && Number(process.env['SERVING_PROCESSES'] ?? 1) > 1;

if (isParent) await new ProcessSupervisor(readConfig(configSchema, process.env)).start();
else await start(isBehindParent() ? { ...serviceOptions, ...behindParent } : serviceOptions);
