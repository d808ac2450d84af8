import { HANDLER_SCOPE } from '@bascule/messaging';
import { CONFIG } from '@bascule/platform';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Inbox } from './inbox.js';
import { Outbox } from './outbox.js';
import { Relay } from './relay.job.js';
import { OUTBOX_OPTIONS, type OutboxOptions, type OutboxSettings, outboxOptions } from './settings.js';

/** Events out with the transaction, events in once. Needs the database and messaging modules. */
@Global()
@Module({})
export class OutboxModule {
  static forRoot(options: Partial<OutboxOptions> = {}): DynamicModule {
    return {
      module: OutboxModule,
      providers: [
        { provide: OUTBOX_OPTIONS, inject: [CONFIG], useFactory: (config: OutboxSettings) => outboxOptions(options, config) },
        Outbox,
        Inbox,
        Relay,
        { provide: HANDLER_SCOPE, useExisting: Inbox },
      ],
      exports: [Outbox, HANDLER_SCOPE],
    };
  }
}
