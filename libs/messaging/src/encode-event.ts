import { type BlockDefinition, type DataOf, type EventDefinition, type WorkDefinition, type WorkOf, workSubject } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventContext } from './event-context.js';
import { encodeHeaderValue } from './header-value.js';
import { activeTraceparent } from './trace-context.js';

interface Attributes {
  /** UUIDv7; made when absent. */
  readonly id?: string;
  /** ISO 8601; now when absent. */
  readonly time?: string;
  /** Id of the event this one follows from; taken from the event being handled when absent. */
  readonly causationId?: string;
  readonly correlationId?: string;
  readonly entityVersion?: number;
}

/** An event about to be published. */
export interface EventDraft<Definition extends EventDefinition = EventDefinition> extends Attributes {
  readonly definition: Definition;
  readonly data: DataOf<Definition>;
}

/** Work about to be handed out. */
export interface WorkDraft<Definition extends WorkDefinition = WorkDefinition> extends Attributes {
  readonly definition: Definition;
  readonly data: WorkOf<Definition>['data'];
}

/** A block about to be published; the block's id is the event's id. */
export interface BlockDraft extends Attributes {
  readonly definition: BlockDefinition;
  readonly bytes: Uint8Array;
  readonly id: string;
}

/** An event as it goes over the wire, CloudEvents binary mode. */
export interface EncodedEvent {
  readonly id: string;
  readonly subject: string;
  /** CloudEvents `subject`: the entity the event is about. */
  readonly entityId: string;
  readonly headers: Record<string, string>;
  readonly payload: Uint8Array;
}

/**
 * Turns a draft into subject, headers and payload.
 * @throws when the data does not fit the event's schema
 */
export function encodeEvent<Definition extends EventDefinition>(draft: EventDraft<Definition>): EncodedEvent {
  const { definition } = draft;
  const data = definition.schema.parse(draft.data) as Record<string, unknown>;
  const entityId = String(data[definition.subjectField]);
  return encode(definition, draft, entityId, 'application/json', Buffer.from(JSON.stringify(data)));
}

/**
 * Turns work into subject, headers and payload.
 * @throws when the data does not fit the schema
 */
export function encodeWork<Definition extends WorkDefinition>(draft: WorkDraft<Definition>): EncodedEvent {
  const { definition } = draft;
  const data = definition.schema.parse(draft.data) as Record<string, unknown>;
  const entityId = String(data[definition.subjectField]);
  const encoded = encode(definition, draft, entityId, 'application/json', Buffer.from(JSON.stringify(data)));
  return { ...encoded, subject: workSubject(definition, entityId) };
}

/** Turns a block into subject, headers and payload. */
export function encodeBlock(draft: BlockDraft): EncodedEvent {
  return encode(draft.definition, draft, draft.id, draft.definition.contentType, draft.bytes);
}

function encode(
  { type, service }: { type: string; service: string },
  draft: Attributes,
  entityId: string,
  contentType: string,
  payload: Uint8Array,
): EncodedEvent {
  const id = draft.id ?? newId();
  const handled = eventContext();
  const attributes: Record<string, string | undefined> = {
    id,
    source: `urn:bascule:${service}`,
    specversion: '1.0',
    type,
    time: draft.time ?? new Date().toISOString(),
    subject: entityId,
    datacontenttype: contentType,
    correlationid: draft.correlationId ?? handled?.correlationId ?? id,
    causationid: draft.causationId ?? handled?.causationId,
    entityversion: draft.entityVersion?.toString(),
    traceparent: activeTraceparent() ?? handled?.traceparent,
  };
  const headers: Record<string, string> = { 'Nats-Msg-Id': id };
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) headers[`ce-${name}`] = encodeHeaderValue(value);
  }
  return { id, subject: type, entityId, headers, payload };
}
