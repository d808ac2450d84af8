import 'reflect-metadata';
import type { BlockDefinition, EventDefinition, EventEnvelope, EventOf, WorkDefinition, WorkOf } from '@bascule/contracts';
import type { Place } from './lanes.js';

/** Events that need not wait for one another, though each keeps the order among its own. */
export interface LaneOptions<Data> {
  /** @param settings of the service */
  readonly placeOf: (data: Data, settings: object) => Place;
  /** How many of the events handled at once may be large ones: a number, or the name of a setting. */
  readonly largeAtOnce: number | string;
}

export interface ConsumeOptions {
  /** The server redelivers when nothing was heard for so long; it hears from running handlers every third of it. */
  readonly ackWaitMs?: number;
  /** Tries before the message becomes a dead letter. Outages of PostgreSQL or NATS do not count. */
  readonly maxAttempts?: number;
  /** Messages handled at once; 1 keeps the order of the stream. It may be the name of a setting; 0 takes none of work. */
  readonly concurrency?: number | string;
  /**
   * So many events that wait are handled one after another in one transaction, in the order of the stream: for small reactions to
   * many events. When one of them fails, each is handled on its own. Takes the place of `concurrency`.
   */
  readonly perTransaction?: number;
  /** Events of one lane follow one another; lanes go side by side, `concurrency` of them at once, and the small ones overtake. */
  readonly lanes?: LaneOptions<unknown>;
  /**
   * Tells two reactions of one service to the same event apart; becomes the end of the durable name. With `setting` it is the value of
   * that setting: processes that differ in it each get every event.
   */
  readonly name?: string | { readonly setting: string };
  /** Waits between tries; the last one repeats. Chosen by the kind of the error when absent. */
  readonly retryDelaysMs?: readonly number[];
}

/** A block of bulk data as its handler gets it. */
export interface ReceivedBlock {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly time: string;
  /** Position in the stream. */
  readonly sequence: number;
}

/** Any message of any event stream, as it was stored. */
export interface RawMessage {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  /** When the stream stored it. */
  readonly storedAt: string;
  /** Absent when the message is not a CloudEvent; `data` is parsed for JSON events. */
  readonly envelope?: EventEnvelope<unknown>;
}

export type Reaction =
  | { readonly kind: 'event'; readonly definition: EventDefinition; readonly options: ConsumeOptions }
  | { readonly kind: 'block'; readonly definition: BlockDefinition; readonly options: ConsumeOptions }
  | { readonly kind: 'work'; readonly definition: WorkDefinition; readonly options: ConsumeOptions }
  | { readonly kind: 'all'; readonly options: ConsumeOptions };

const metadataKey = Symbol('bascule:reaction');

type MethodThatTakes<Argument> = <Method extends (argument: Argument) => Promise<void>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

function mark<Argument>(reaction: Reaction): MethodThatTakes<Argument> {
  return (_target, _key, descriptor) => {
    Reflect.defineMetadata(metadataKey, reaction, descriptor.value as object);
  };
}

/** The method reacts to this event. It does not compile when its parameter does not fit the event. */
export function Consume<Definition extends EventDefinition>(
  definition: Definition,
  options: Omit<ConsumeOptions, 'lanes'> & { readonly lanes?: LaneOptions<EventOf<Definition>['data']> } = {},
) {
  return mark<EventOf<Definition>>({ kind: 'event', definition, options: options as ConsumeOptions });
}

/** The method reacts to blocks of this bulk event. */
export function ConsumeBlock(definition: BlockDefinition, options: ConsumeOptions = {}) {
  return mark<ReceivedBlock>({ kind: 'block', definition, options });
}

/**
 * The method does this work: one replica gets each message. It runs outside of any transaction, and may get a message
 * again that it has done before.
 */
export function Work<Definition extends WorkDefinition>(definition: Definition, options: ConsumeOptions = {}) {
  return mark<WorkOf<Definition>>({ kind: 'work', definition, options });
}

/** The method sees every message of every event stream, readable or not. */
export function ConsumeAll(options: ConsumeOptions = {}) {
  return mark<RawMessage>({ kind: 'all', options });
}

/** What a method reacts to, if it is decorated. */
export function reactionOf(method: unknown): Reaction | undefined {
  return typeof method === 'function' ? (Reflect.getMetadata(metadataKey, method) as Reaction | undefined) : undefined;
}
