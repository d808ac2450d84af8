export { eventDay } from './event-day.js';
export { Inbox } from './inbox.js';
export { Outbox } from './outbox.js';
export { OutboxModule } from './outbox.module.js';
export { OutboxTables } from './outbox-tables.migration.js';
export { Relay } from './relay.job.js';
export { type OutboxOptions, outboxOptions } from './settings.js';
