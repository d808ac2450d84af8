import { workSubject } from '@bascule/contracts';
import type { Reaction } from './consume.decorator.js';
import type { Place } from './lanes.js';
import { eventStreams, jobsStream, streamOf } from './streams.js';

/** One durable consumer: where it reads, what it is called, how patient it is. */
export interface ConsumerSpec {
  readonly reader: string;
  readonly stream: string;
  /** Absent: everything in the stream. */
  readonly subject?: string;
  readonly durable: string;
  readonly deadLetterSubject: string;
  readonly ackWaitMs: number;
  readonly maxAttempts: number;
  readonly concurrency: number;
  /** Events that share a transaction; 1 where each has its own. */
  readonly perTransaction: number;
  readonly retryDelaysMs?: readonly number[];
  /** Where messages go by lanes. */
  readonly lanes?: { readonly placeOf: (data: unknown) => Place; readonly largeAtOnce: number };
  readonly reaction: Reaction;
}

/** How patient the readers of a service are where a reaction does not say otherwise. */
export interface Patience {
  readonly ackWaitMs: number;
  readonly retryDelaysMs?: readonly number[];
}

const defaults = { ackWaitMs: 10_000, maxAttempts: 10, concurrency: 1 };

/** The durable consumers that a reaction needs: one, or one per stream when it reads everything. */
export function consumersOf(reader: string, reaction: Reaction, patience: Partial<Patience> = {}, settings: object = {}): ConsumerSpec[] {
  const { name, perTransaction = 1, concurrency: wanted, lanes: wantedLanes, ...options } = reaction.options;
  const setting = typeof name === 'object' ? (settings as Record<string, unknown>)[name.setting] : name;
  const ending = setting ? `-${String(setting)}` : '';
  const numberOf = (value: number | string) => (typeof value === 'number' ? value : Number((settings as Record<string, unknown>)[value]));
  const concurrency = numberOf(wanted ?? Math.max(defaults.concurrency, perTransaction));
  const lanes = wantedLanes && {
    placeOf: (data: unknown) => wantedLanes.placeOf(data, settings),
    largeAtOnce: numberOf(wantedLanes.largeAtOnce),
  };
  const base = { reader, ...defaults, ...patience, ...options, concurrency, perTransaction, ...(lanes ? { lanes } : {}), reaction };
  if (reaction.kind === 'all') {
    return eventStreams.map((stream) => ({
      ...base,
      stream,
      durable: `${reader}-any-event${ending}`,
      deadLetterSubject: `dead-letter.${reader}.any-event`,
    }));
  }
  if (reaction.kind === 'work') {
    const { work, version: workVersion } = reaction.definition;
    const spec = {
      ...base,
      stream: jobsStream,
      subject: workSubject(reaction.definition, '>'),
      durable: `${reader}-${work}-v${workVersion}${ending}`,
      deadLetterSubject: `dead-letter.${reader}.${work}`,
    };
    return concurrency > 0 ? [spec] : [];
  }
  const { type, entity, fact, version } = reaction.definition;
  return [
    {
      ...base,
      stream: streamOf(type),
      subject: type,
      durable: `${reader}-${entity}-${fact}-v${version}${ending}`,
      deadLetterSubject: `dead-letter.${reader}.${entity}-${fact}`,
    },
  ];
}
