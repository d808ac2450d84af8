import { describe, expect, it } from 'vitest';
import { missingApprovals } from './approvals.js';

const voter = (...roles: string[]) => ({ roles });

describe('approvals that are missing', () => {
  it('are all seats while nobody voted, and none when nobody is asked', () => {
    const asked = [
      { role: 'approver', count: 2 },
      { role: 'operator', count: 1 },
    ] as const;
    expect(missingApprovals(asked, [])).toEqual(['approver', 'approver', 'operator']);
    expect(missingApprovals([], [])).toEqual([]);
  });

  it('count a person for one role only, whichever they are needed for', () => {
    const asked = [
      { role: 'approver', count: 1 },
      { role: 'operator', count: 1 },
    ] as const;
    expect(missingApprovals(asked, [voter('approver', 'operator')])).toEqual(['operator']);
    expect(missingApprovals(asked, [voter('approver', 'operator'), voter('approver')])).toEqual([]);
    expect(missingApprovals(asked, [voter('approver'), voter('approver')])).toEqual(['operator']);
    expect(missingApprovals(asked, [voter('scientist')])).toEqual(['approver', 'operator']);
  });
});
