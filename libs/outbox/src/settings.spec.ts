import { describe, expect, it } from 'vitest';
import { outboxOptions } from './settings.js';

describe('the inbox', () => {
  it('remembers longer than streams keep messages, whatever the settings say', () => {
    expect(outboxOptions({}, {}).inboxKeepDays).toBe(10);
    expect(outboxOptions({}, { BASCULE_INBOX_KEEP_DAYS: 20 }).inboxKeepDays).toBe(20);
    expect(outboxOptions({}, { BASCULE_INBOX_KEEP_DAYS: 3 }).inboxKeepDays).toBe(8);
    expect(outboxOptions({}, { BASCULE_STREAM_MAX_AGE_DAYS: 30 }).inboxKeepDays).toBe(31);
  });
});
