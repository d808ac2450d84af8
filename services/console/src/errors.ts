import { defineError } from '@bascule/platform';

export const notSignedIn = defineError({
  code: 'console.not_signed_in',
  kind: 'unauthenticated',
  title: 'Not signed in',
  remedy: 'Open the console and sign in with a key; npm start prints one per role.',
});

export const foreignPage = defineError({
  code: 'console.foreign_page',
  kind: 'forbidden',
  title: 'The request did not come from the console page',
  remedy: 'Send changes from the console page, or call the service itself with a key.',
});

export const invalidPath = defineError({
  code: 'console.invalid_path',
  kind: 'invalid',
  title: 'The address is not one of a service’s API',
  remedy: 'Use /api/{service}/v1/... without encoded slashes and dots; /v2 for serving.',
});

export const unknownService = defineError({
  code: 'console.unknown_service',
  kind: 'not_found',
  title: 'No such service',
  remedy: 'Use one of ingestion, training, registry, serving, monitoring and governance.',
});

export const serviceAway = defineError({
  code: 'console.service_away',
  kind: 'unavailable',
  title: 'The service does not answer',
  remedy: 'See the health of the services on the console page and the log of the service.',
});
