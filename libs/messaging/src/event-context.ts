import { AsyncLocalStorage } from 'node:async_hooks';

/** What an event being handled hands on to the events published because of it. */
export interface EventContext {
  readonly correlationId: string;
  /** Id of the event being handled. */
  readonly causationId: string;
  readonly traceparent: string | undefined;
}

const storage = new AsyncLocalStorage<EventContext>();

/** The context of the event being handled; undefined outside handlers. */
export function eventContext(): EventContext | undefined {
  return storage.getStore();
}

/** Runs `work` as the handling of an event. */
export function runInEventContext<T>(context: EventContext, work: () => T): T {
  return storage.run(context, work);
}
