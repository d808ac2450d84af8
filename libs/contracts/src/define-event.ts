import { z } from 'zod';

/** The six services; each name is also the schema, stream, subject prefix and image. */
export const serviceNames = ['ingestion', 'training', 'registry', 'serving', 'monitoring', 'governance'] as const;
export type ServiceName = (typeof serviceNames)[number];

const eventTypePattern = /^(ingestion|training|registry|serving|monitoring|governance)\.([a-z-]+)\.([a-z-]+)\.v([1-9]\d*)$/;

/** One event as code: its type (which is also its NATS subject), what it says, and the shape of its data. */
export interface EventDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly service: ServiceName;
  readonly entity: string;
  readonly fact: string;
  readonly version: number;
  readonly about: string;
  /** Name of the field of `data` that is the entity id and becomes the CloudEvents `subject`. */
  readonly subjectField: string;
  readonly schema: Schema;
}

/** An event that carries a block of protobuf messages instead of JSON. */
export interface BlockDefinition<Type extends string = string> {
  readonly type: Type;
  readonly service: ServiceName;
  readonly entity: string;
  readonly fact: string;
  readonly version: number;
  readonly about: string;
  readonly contentType: 'application/protobuf';
  /** Full name of the protobuf message in `proto/`. */
  readonly message: string;
}

/** The CloudEvents envelope as a reader sees it: attributes of the `ce-*` headers plus parsed data. */
export interface EventEnvelope<Data> {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly time: string;
  readonly subject: string;
  readonly correlationid: string;
  readonly causationid?: string;
  readonly entityversion?: number;
  readonly traceparent?: string;
  readonly data: Data;
}

export type DataOf<Definition> = Definition extends EventDefinition<string, infer Schema> ? z.infer<Schema> : never;
export type EventOf<Definition> = EventEnvelope<DataOf<Definition>>;

function partsOf(type: string) {
  const match = eventTypePattern.exec(type);
  if (!match) throw new Error(`event type ${type} is not <service>.<entity>.<past-tense>.v<N>`);
  const [, service, entity, fact, version] = match;
  return { service: service as ServiceName, entity: entity!, fact: fact!, version: Number(version) };
}

/**
 * Defines an event once; types, JSON Schema, AsyncAPI and `docs/events.md` follow from it.
 * @param type `<service>.<entity>.<past-tense>.v<N>`
 * @throws when the type is not of that form
 */
export function defineEvent<const Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  definition: { about: string; subject: Extract<keyof Shape, string>; data: z.ZodObject<Shape> },
): EventDefinition<Type, z.ZodObject<Shape>> {
  return { type, ...partsOf(type), about: definition.about, subjectField: definition.subject, schema: definition.data };
}

/** Defines a bulk event whose payload is one protobuf message. */
export function defineBlock<const Type extends string>(type: Type, definition: { about: string; message: string }): BlockDefinition<Type> {
  return { type, ...partsOf(type), about: definition.about, contentType: 'application/protobuf', message: definition.message };
}
