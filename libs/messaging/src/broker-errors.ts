import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

/** JetStream's own error code, when the server refused a request. */
export function apiErrorCode(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

const fullCodes = new Set([
  10077, // store failed: maximum bytes, messages or messages per subject
  10047, // insufficient storage
  10023, // insufficient resources
  10028, // account storage exceeded
]);

/** True when a publish was refused because the stream or its disk is full. */
export function isStreamFull(error: unknown): boolean {
  return fullCodes.has(apiErrorCode(error) ?? 0);
}

/** True when the client refused to send: the message is larger than the server takes, or not a message at all. */
export function isUnsendable(error: unknown): boolean {
  return error instanceof errors.InvalidArgumentError;
}
