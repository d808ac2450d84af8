import { accessChanged } from '@bascule/contracts';
import { PlatformModule, platformConfigSchema, readConfig } from '@bascule/platform';
import { type INestApplicationContext, Module, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type EventDraft, MessagingModule } from '../src/index.js';

/** A service that only reads: the platform, messaging and these providers. */
export async function startReader(
  natsUrl: string,
  service: string,
  providers: Provider[],
  settings: Record<string, string> = {},
): Promise<INestApplicationContext> {
  const logLevel = process.env['TEST_LOG_LEVEL'] ?? 'silent';
  const config = readConfig(platformConfigSchema, { NATS_URL: natsUrl, LOG_LEVEL: logLevel, ...settings });
  @Module({ imports: [PlatformModule.forRoot({ service, config }), MessagingModule.forRoot({ service, natsUrl })], providers })
  class ReaderModule {}
  return (await NestFactory.createApplicationContext(ReaderModule as Type, { logger: false })).init();
}

/** A small event that differs by its key. */
export function accessDraft(keyId: string): EventDraft<typeof accessChanged> {
  return { definition: accessChanged, data: { keyId, identity: 'ada', change: 'created', roles: [], changedBy: 'grace' } };
}
