import type { EventContext } from './event-context.js';

/** Runs a handler so that one event is handled once by one consumer, and together with what it writes. */
export interface HandlerScope {
  run(eventId: string, consumer: string, context: EventContext, work: () => Promise<void>): Promise<'handled' | 'duplicate'>;
  /** The same for events that share a transaction. @param work does what those of them are about that were not handled before */
  runTogether(
    eventIds: readonly string[],
    consumer: string,
    work: (fresh: ReadonlySet<string>) => Promise<void>,
  ): Promise<ReadonlySet<string>>;
}

/** Provided by the outbox; without it handlers run as they are. */
export const HANDLER_SCOPE = Symbol('HANDLER_SCOPE');
