/** Runs SQL on the connection that holds the relay's lock. */
export type Query = (sql: string, parameters?: unknown[]) => Promise<unknown[]>;

export interface OutboxRow {
  readonly position: string;
  readonly entity: string;
  readonly stream: string;
  readonly subject: string;
  readonly headers: Record<string, string>;
  readonly payload: Buffer;
}

export interface SentRow {
  readonly position: string;
  readonly sequence: number;
  readonly duplicate: boolean;
}

export interface Backlog {
  readonly unsent: number;
  readonly oldestAgeMs: number;
}

/** The oldest events not sent yet, without those of streams and entities that are blocked now. */
export async function unsentRows(query: Query, limit: number, blocked: { streams: string[]; entities: string[] }): Promise<OutboxRow[]> {
  const rows = await query(
    `select position, entity, stream, subject, headers, payload from outbox_events
     where sent_at is null and not (stream = any($2)) and not (entity = any($3))
     order by position limit $1`,
    [limit, blocked.streams, blocked.entities],
  );
  return rows as OutboxRow[];
}

/** Marks events as stored by their stream. What a restarted server still had (a duplicate) keeps its first end of retention. */
export async function markSent(query: Query, sent: readonly SentRow[], resendWindowMs: number): Promise<void> {
  if (sent.length === 0) return;
  await query(
    `update outbox_events as event set sent_at = now(), stream_sequence = done.sequence,
       retain_until = case when done.duplicate and retain_until is not null then retain_until
                           else now() + $4 * interval '1 millisecond' end
     from unnest($1::bigint[], $2::bigint[], $3::boolean[]) as done (position, sequence, duplicate)
     where event.position = done.position`,
    [sent.map((row) => row.position), sent.map((row) => row.sequence), sent.map((row) => row.duplicate), resendWindowMs],
  );
}

/** Everything retained is sent again, in its order, before anything newer of the same entity. */
export async function resendRetained(query: Query): Promise<void> {
  await query('update outbox_events set sent_at = null where sent_at is not null');
}

/** Removes sent events that any restarted server must have kept. */
export async function pruneSent(query: Query): Promise<void> {
  await query('delete from outbox_events where sent_at is not null and retain_until < now()');
}

export async function readBacklog(query: Query): Promise<Backlog> {
  const [row] = (await query(
    `select count(*)::int as unsent, coalesce(extract(epoch from now() - min(created_at)) * 1000, 0)::float8 as "oldestAgeMs"
     from outbox_events where sent_at is null`,
  )) as Backlog[];
  return row ?? { unsent: 0, oldestAgeMs: 0 };
}
