import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events on their way out, versions of the entities they are about, and the ids of events already handled. */
export class OutboxTables implements MigrationInterface {
  readonly name = 'OutboxTables1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...outbox, ...inbox]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function maintain_inbox(int)');
    await runner.query('drop table inbox, outbox_events, outbox_entity_versions');
  }
}

const outbox = [
  `create table outbox_entity_versions (
    entity text primary key,
    version bigint not null
  )`,
  `create table outbox_events (
    position bigint generated always as identity primary key,
    event_id text not null unique,
    entity text not null,
    stream text not null,
    subject text not null,
    headers jsonb not null,
    payload bytea not null,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    retain_until timestamptz,
    stream_sequence bigint
  )`,
  'create index outbox_events_unsent on outbox_events (position) where sent_at is null',
  'create index outbox_events_sent on outbox_events (retain_until) where sent_at is not null',
];

// event_day is the day inside the event's own UUIDv7, so one event always falls into one partition and the
// primary key is unique over all of them. Ids without a day, and days without a partition, go to inbox_other.
const inbox = [
  `create table inbox (
    event_day date not null,
    consumer text not null,
    event_id text not null,
    handled_at timestamptz not null default now(),
    primary key (event_day, consumer, event_id)
  ) partition by range (event_day)`,
  'create table inbox_other partition of inbox default',
  'create index inbox_other_handled_at on inbox_other (handled_at)',
  // runs as the owner: the service's role may not make or drop tables
  `create function maintain_inbox(keep_days int) returns void
    language plpgsql security definer set search_path from current set lock_timeout = '3s' as $$
    declare
      wanted date;
      part text;
    begin
      if not pg_try_advisory_xact_lock(hashtextextended('maintain-inbox-' || current_schema(), 0)) then return; end if;
      for wanted in select generate_series(current_date - keep_days, current_date + 3, interval '1 day')::date loop
        part := 'inbox_' || to_char(wanted, 'YYYYMMDD');
        continue when to_regclass(quote_ident(part)) is not null;
        lock table inbox_other in access exclusive mode;
        execute format('create table %I (like inbox including all)', part);
        execute format('with moved as (delete from inbox_other where event_day = %L returning *) insert into %I select * from moved', wanted, part);
        execute format('alter table inbox attach partition %I for values from (%L) to (%L)', part, wanted, wanted + 1);
      end loop;
      for part in
        select child.relname from pg_inherits
        join pg_class child on child.oid = inhrelid
        where inhparent = 'inbox'::regclass and child.relname ~ '^inbox_[0-9]{8}$'
          and to_date(right(child.relname, 8), 'YYYYMMDD') < current_date - keep_days
      loop
        execute format('drop table %I', part);
      end loop;
      delete from inbox_other where handled_at < now() - make_interval(days => keep_days);
    end $$`,
  'select maintain_inbox(10)',
];
