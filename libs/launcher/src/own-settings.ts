import type { ServiceName } from '@bascule/contracts';

/** Settings that a person may give to the start, by the service that reads them; addresses, keys and folders are the launcher's. */
const settings: Readonly<Partial<Record<ServiceName, RegExp>>> = {
  ingestion: /^(?:UPLOAD|SOURCE|SOURCES|OPENLINEAGE|ERASED|ERASURES|PROFILES|FEEDBACK)_/,
  training: /^(?:RUN_|SCHEDULE_|TRAINERS_FILE$|WORK_ROOT$|MAX_ACTIVE_RUNS$)/,
  registry: /^(?:ARTIFACT_|PROBE_|WEBHOOK_(?!KEY_FILE$)|ENVIRONMENTS$)/,
  serving:
    /^(?:SERVING_PROCESSES$|SPILL_MAX_BYTES$|RECEIPT_KEY_FILE$|MODEL_(?!SIGNING_)|REQUEST_DEADLINE_MS$|EXECUTION_PROVIDERS$|INLINE_MODELS$|ANSWER_TARGET_MS$|IN_FLIGHT_|QUEUE_|MICRO_BATCH_|AVAILABILITY_|DRAIN_MS$|REPEATS_|BODY_|JSON_BODY_|GZIP_|BATCH_|JSON_ANSWER_)/,
  monitoring: /^(?:EVALUATE_|CAPTURE_|PREDICTION_)/,
  governance: /^(?:CHECKPOINT|PROJECTION)_/,
};
/** Read by every service. */
const shared =
  /^(?:JWT_|OTEL_|LOG_LEVEL$|NATS_RESEND_WINDOW_MS$|BASCULE_(?:ACK_WAIT_MS|RETRY_DELAYS_MS|STREAM_REPLICAS|[A-Z_]+_MAX_(?:BYTES|AGE_DAYS))$)/;

/** What of an environment is meant for the services. */
export function settingsIn(environment: NodeJS.ProcessEnv): Record<string, string> {
  const isSetting = (name: string) => shared.test(name) || Object.values(settings).some((own) => own.test(name));
  const given = Object.entries(environment).filter(([name, value]) => value && isSetting(name));
  return Object.fromEntries(given) as Record<string, string>;
}

/** Whether a setting is read by another service, and not by this one: connections of sources hold passwords that are nobody else's. */
export function isForAnother(name: string, service: string): boolean {
  const readers = Object.entries(settings).filter(([, own]) => own.test(name));
  return readers.length > 0 && !readers.some(([reader]) => reader === service);
}
