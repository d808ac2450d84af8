import { describe, expect, it } from 'vitest';
import { onlySender, requireRecords } from './own-records.js';

const batch = { id: '01a20a3b-001b-7016-bcb9-6d72e22debad', sentBy: 'intake' };

describe('records as they were sent', () => {
  it('are read by the client that sent them, not by another one', () => {
    expect(() => requireRecords({ roles: ['client'], identity: 'intake' }, batch)).not.toThrow();
    expect(() => requireRecords({ roles: ['client'], identity: 'portal' }, batch)).toThrow(
      expect.objectContaining({ code: 'ingestion.batch_of_another' }),
    );
  });

  it('are read by whoever looks after data, whoever sent them', () => {
    expect(() => requireRecords({ roles: ['scientist'], identity: 'ada' }, batch)).not.toThrow();
    expect(onlySender({ roles: ['client', 'operator'], identity: 'portal' })).toBeUndefined();
    expect(onlySender({ roles: ['client'], identity: 'portal' })).toBe('portal');
  });
});
