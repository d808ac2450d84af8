import { accessChanged, defineWork, type EventEnvelope } from '@bascule/contracts';
import { DatabaseModule } from '@bascule/database';
import { type EventDraft, MessagingModule, type NatsConnectionHolder, parseMessage, type StreamLimits } from '@bascule/messaging';
import { PlatformModule, platformConfigSchema, readConfig } from '@bascule/platform';
import { type INestApplicationContext, Module, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { OutboxModule, type OutboxOptions, OutboxTables } from '../src/index.js';

export const service = 'governance';
export const migrations = [OutboxTables];

export interface ServiceOptions {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly providers?: Provider[];
  readonly limits?: Partial<StreamLimits>;
  readonly outbox?: Partial<OutboxOptions>;
}

/** A service with a database, an outbox and these providers. */
export async function startService({ natsUrl, databaseUrl, providers = [], limits = {}, outbox = {} }: ServiceOptions) {
  const config = readConfig(platformConfigSchema, { NATS_URL: natsUrl, LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  @Module({
    imports: [
      PlatformModule.forRoot({ service, config }),
      DatabaseModule.forRoot({ service, url: databaseUrl, entities: [], migrations }),
      MessagingModule.forRoot({ service, natsUrl, limits }),
      OutboxModule.forRoot(outbox),
    ],
    providers,
  })
  class ServiceModule {}
  const app: INestApplicationContext = await NestFactory.createApplicationContext(ServiceModule as Type, { logger: false });
  return app.init();
}

/** A small event about the entity `keyId`; `identity` tells its turns apart. */
export function accessDraft(keyId: string, identity = 'ada'): EventDraft<typeof accessChanged> {
  return { definition: accessChanged, data: { keyId, identity, change: 'created', roles: [], changedBy: 'grace' } };
}

/** Work of no consequence. */
export const chore = defineWork('jobs.governance.chore.v1', { subject: 'name', data: z.object({ name: z.string() }) });

/** The names of the chores that wait. */
export async function storedWork({ jsm }: Pick<NatsConnectionHolder, 'jsm'>): Promise<string[]> {
  const { state } = await jsm.streams.info('JOBS');
  const names: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
    const message = await jsm.streams.getMessage('JOBS', { seq });
    if (message) names.push(message.json<{ name: string }>().name);
  }
  return names;
}

/** Everything a stream holds, oldest first. */
export async function storedEvents(
  { jsm }: Pick<NatsConnectionHolder, 'jsm'>,
  stream = 'GOVERNANCE',
): Promise<Omit<EventEnvelope<unknown>, 'data'>[]> {
  const { state } = await jsm.streams.info(stream);
  const events: Omit<EventEnvelope<unknown>, 'data'>[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
    const message = await jsm.streams.getMessage(stream, { seq });
    if (!message) continue;
    const headers = Object.fromEntries([...message.header].map(([name, values]) => [name, values[0] ?? '']));
    events.push(parseMessage(headers, message.data).envelope);
  }
  return events;
}
