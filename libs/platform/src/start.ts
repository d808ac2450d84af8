import 'reflect-metadata';
import type { z } from 'zod';
import { ConfigError, type PlatformConfig } from './config.js';
import { scrubSecrets } from './logger.js';
import { runService, type ServiceOptions } from './run.js';
import { returnStartupMemory } from './startup-memory.js';

const hardExitMs = 15_000;

/** Runs a service until SIGTERM or SIGINT; `main.ts` of every service is one call of this. */
export async function start<Schema extends z.ZodType<PlatformConfig>>(
  options: ServiceOptions<Schema> & {
    /** Told that it listens, by a process behind another one that says so for all; the log names the addresses otherwise. */
    readonly onListening?: (addresses: { url: string; adminUrl: string }) => void;
  },
): Promise<void> {
  try {
    const running = await runService(options, process.env);
    const { log } = running;
    let isStopping = false;
    const stop = (reason: string, exitCode: number) => {
      if (isStopping) return;
      isStopping = true;
      log.info({ reason }, 'stopping');
      setTimeout(() => process.exit(1), hardExitMs).unref();
      running.close().then(
        () => {
          log.info({}, 'stopped');
          process.exit(exitCode);
        },
        (error: unknown) => {
          log.error({ err: error }, 'did not stop cleanly');
          process.exit(1);
        },
      );
    };
    process.once('SIGTERM', () => stop('SIGTERM', 0));
    process.once('SIGINT', () => stop('SIGINT', 0));
    const fail = (error: unknown) => {
      log.fatal({ err: error }, 'unexpected error outside of a request');
      stop('unexpected error', 1);
    };
    process.on('uncaughtException', fail);
    process.on('unhandledRejection', fail);
    const addresses = { url: running.url, adminUrl: running.adminUrl };
    if (options.onListening) options.onListening(addresses);
    else log.info(addresses, 'listening');
    returnStartupMemory();
  } catch (error) {
    const text = error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    const line = { level: 'fatal', service: options.service, time: new Date().toISOString(), msg: 'could not start', reason: text };
    process.stderr.write(`${scrubSecrets(JSON.stringify(line))}\n`);
    process.exit(1);
  }
}
