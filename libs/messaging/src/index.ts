export { apiErrorCode, isStreamFull, isUnsendable } from './broker-errors.js';
export { NATS, NatsConnectionHolder, openConnection } from './connection.js';
export {
  Consume,
  ConsumeAll,
  ConsumeBlock,
  type ConsumeOptions,
  type LaneOptions,
  type RawMessage,
  type ReceivedBlock,
  Work,
} from './consume.decorator.js';
export {
  type DeadLetter,
  discardDeadLetter,
  getDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  replayForHeader,
} from './dead-letter.js';
export {
  type BlockDraft,
  type EncodedEvent,
  type EventDraft,
  encodeBlock,
  encodeEvent,
  encodeWork,
  type WorkDraft,
} from './encode-event.js';
export { type EnsureStreamsOptions, ensureStreams } from './ensure-streams.js';
export { type HeaderRecord, MalformedMessage, type ParsedMessage, parseMessage } from './envelope.js';
export { brokerUnavailable, deadLetterNotFound, eventTooLarge } from './errors.js';
export { type EventContext, eventContext, runInEventContext } from './event-context.js';
export { HANDLER_SCOPE, type HandlerScope } from './handler-scope.js';
export { KvWatch, type KvWatchOptions } from './kv-watch.js';
export { KvWriter, openBucket } from './kv-writer.js';
export type { Place } from './lanes.js';
export { listKeys } from './list-bucket.js';
export { MessagingModule, type MessagingOptions } from './messaging.module.js';
export { Publisher } from './publisher.js';
export { type StreamLimits, type StreamSettings, streamLimits } from './settings.js';
export {
  deadLetterStream,
  eventStreams,
  jobsStream,
  predictionsStream,
  type StreamDefinition,
  streamDefinitions,
  streamOf,
} from './streams.js';
