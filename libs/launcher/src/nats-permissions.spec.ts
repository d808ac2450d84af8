import { expect, it } from 'vitest';
import { permissionsOf } from './nats-permissions.js';
import { natsUsers } from './secrets-file.js';

it('lets a service speak in its own name only', () => {
  const { publish } = permissionsOf('training');
  expect(publish).toContain('training.>');
  expect(publish).toContain('dead-letter.training.>');
  expect(publish).not.toContain('registry.>');
});

it('lets the console publish no event', () => {
  expect(permissionsOf('console').publish.filter((subject) => !subject.startsWith('$JS.') && !subject.startsWith('_INBOX.'))).toEqual([]);
});

it('gives everything to the operator alone', () => {
  expect(natsUsers.filter((user) => permissionsOf(user).publish.includes('>'))).toEqual(['operator']);
});
