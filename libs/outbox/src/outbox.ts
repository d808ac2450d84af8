import type { EventDefinition, WorkDefinition } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import {
  type BlockDraft,
  type EncodedEvent,
  type EventDraft,
  encodeBlock,
  encodeEvent,
  encodeWork,
  eventTooLarge,
  NATS,
  NatsConnectionHolder,
  streamOf,
  type WorkDraft,
} from '@bascule/messaging';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** What the server accepts when it has not told yet. */
const defaultMaxPayload = 1024 * 1024;
const roomForHeaders = 4096;

// One statement: the version's row lock is taken before the position is, so positions of one entity follow its versions.
const insertEvent = `
  with locked as (
    insert into outbox_entity_versions as known (entity, version) values ($1, 1)
    on conflict (entity) do update set version = known.version + 1
    returning version
  ), inserted as (
    insert into outbox_events (event_id, entity, stream, subject, headers, payload)
    select $2, $1, $3, $4, $5::jsonb || jsonb_build_object('ce-entityversion', version::text), $6 from locked
    returning position
  )
  select pg_notify('outbox_' || current_schema(), ''), position from inserted`;

// A block is told about once: its id would only fill the table of versions.
const insertBlock = `
  with inserted as (
    insert into outbox_events (event_id, entity, stream, subject, headers, payload)
    values ($2, $1, $3, $4, $5, $6) returning position
  )
  select pg_notify('outbox_' || current_schema(), ''), position from inserted`;

/** Events leave together with the state they tell about: in the same transaction, or not at all. */
@Injectable()
export class Outbox {
  constructor(@Inject(NATS) private readonly connection: NatsConnectionHolder) {}

  /**
   * Publishes an event when the running transaction commits. Returns the event's id.
   * @throws outside a transaction, or when the data does not fit the event
   */
  async publish<Definition extends EventDefinition>(draft: EventDraft<Definition>): Promise<string> {
    return this.insert(insertEvent, encodeEvent(draft));
  }

  /** Publishes a block when the running transaction commits; the block's id is the event's id. */
  async publishBlock(draft: BlockDraft): Promise<string> {
    return this.insert(insertBlock, encodeBlock(draft));
  }

  /** Hands out work when the running transaction commits. */
  async publishWork<Definition extends WorkDefinition>(draft: WorkDraft<Definition>): Promise<string> {
    return this.insert(insertBlock, encodeWork(draft));
  }

  /**
   * Takes back work that is done when the running transaction commits: it is not sent again to a server that has lost what it
   * had. Without this a stream of work, which forgets what was acknowledged, would hand it out once more after a restart.
   */
  async withdraw(ids: readonly string[]): Promise<void> {
    await inTransaction('work').query('delete from outbox_events where event_id = any($1)', [ids]);
  }

  private async insert(statement: string, { id, subject, entityId, headers, payload }: EncodedEvent): Promise<string> {
    const manager = inTransaction(subject);
    const limitBytes = (this.connection.nc.info?.max_payload ?? defaultMaxPayload) - roomForHeaders;
    if (payload.length > limitBytes) throw eventTooLarge({ subject, sizeBytes: payload.length, limitBytes });
    const entity = `${subject.split('.').slice(0, 2).join('.')}:${entityId}`;
    await manager.query(statement, [entity, id, streamOf(subject), subject, JSON.stringify(headers), Buffer.from(payload)]);
    return id;
  }
}

function inTransaction(subject: string): EntityManager {
  const manager = Transactions.current();
  if (!manager) throw new Error(`${subject} was published outside a transaction: wrap the call in Transactions.run`);
  return manager;
}
