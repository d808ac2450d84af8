import { expect, it } from 'vitest';
import { type LiveEvent, remember } from './live-event.js';

const event = (id: string): LiveEvent => ({ id, type: 't', time: '', subject: '', causationId: null, data: {} });

it('forgets the oldest event beyond the limit', () => {
  const kept = ['1', '2', '3'].map(event).reduce<LiveEvent[]>((events, next) => remember(events, next, 2), []);
  expect(kept.map(({ id }) => id)).toEqual(['2', '3']);
});
