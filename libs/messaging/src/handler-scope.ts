import type { EventContext } from './event-context.js';

/** Runs a handler so that one event is handled once by one consumer, and together with what it writes. */
export interface HandlerScope {
  run(eventId: string, consumer: string, context: EventContext, work: () => Promise<void>): Promise<'handled' | 'duplicate'>;
}

/** Provided by the outbox; without it handlers run as they are. */
export const HANDLER_SCOPE = Symbol('HANDLER_SCOPE');
