import { expect, it } from 'vitest';
import { contentFault } from './content-fault.js';

it('says nothing of the insides of a reader that stumbled over broken bytes', () => {
  const stumbled = new TypeError("Cannot read properties of undefined (reading 'map')");
  expect(contentFault(stumbled, 'the Parquet file cannot be read')).toMatchObject({
    code: 'tables.unreadable',
    detail: 'the Parquet file cannot be read: its bytes contradict each other',
  });
});
