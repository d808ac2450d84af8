import { type LoggerService } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { type DestinationStream, pino } from 'pino';

/** Structured log, pino style: `log.info({ runId }, 'run started')`. Inject by this class or by `LOGGER`. */
export abstract class Logger {
  abstract trace(fields: object | string, message?: string): void;
  abstract debug(fields: object | string, message?: string): void;
  abstract info(fields: object | string, message?: string): void;
  abstract warn(fields: object | string, message?: string): void;
  abstract error(fields: object | string, message?: string): void;
  abstract fatal(fields: object | string, message?: string): void;
  abstract child(fields: Record<string, unknown>): Logger;
}
/** Injection token of the service's `Logger`. */
export const LOGGER = Symbol('LOGGER');

const secretNames = ['authorization', 'cookie', 'password', 'rolePassword', 'secret', 'token', 'apiKey', 'DATABASE_URL', 'ownerUrl'];
// a failed statement carries the values it was about: rows of clients, hashes of keys
const statementValues = ['err.parameters', 'err.detail', 'err.driverError'];
const redactedPaths = [...secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), ...statementValues];

/** Hides keys of our own format, JSON Web Tokens, and passwords and NATS tokens inside URLs, wherever in a line they stand. */
export function scrubSecrets(text: string): string {
  return text
    .replace(/bsc_([a-z0-9]{12})_[A-Za-z0-9_-]{20,}/g, 'bsc_$1_[redacted]')
    .replace(/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[redacted token]')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s/@"]+@/gi, '$1:[redacted]@')
    .replace(/\b((?:nats|tls|wss?):\/\/)[^\s:/@"]+@/gi, '$1[redacted]@');
}

/** JSON lines on stdout with the ids of the active trace. */
export function createLogger(options: { service: string; instanceId: string; level: string }, destination?: DestinationStream): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service, instanceId: options.instanceId },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: '[redacted]' },
    mixin: traceIds,
    hooks: { streamWrite: scrubSecrets },
  };
  const logger = destination ? pino(settings, destination) : pino(settings);
  return logger as unknown as Logger;
}

function traceIds(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span ? { traceId: span.traceId, spanId: span.spanId } : {};
}

/** Nest's own lines, kept out of the way: its information is debug here. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }
  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context }, String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error({ err: message instanceof Error ? message : undefined, rest }, String(message));
  }
  debug(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.fatal({ rest }, String(message));
  }
}
