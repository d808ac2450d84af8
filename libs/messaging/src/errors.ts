import { defineError } from '@bascule/platform';

export const deadLetterNotFound = defineError({
  code: 'messaging.dead_letter_not_found',
  kind: 'not_found',
  title: 'No such dead letter',
  remedy: 'List the dead letters; it may have been replayed or discarded.',
});

export const eventTooLarge = defineError({
  code: 'messaging.event_too_large',
  kind: 'too_large',
  title: 'The event is larger than NATS accepts',
  remedy: 'Put the bytes into the object store and name their digest in the event.',
});

export const brokerUnavailable = defineError({
  code: 'messaging.broker_unavailable',
  kind: 'unavailable',
  title: 'NATS does not answer',
  remedy: 'Check that nats-server runs; it is tried again by itself.',
});
