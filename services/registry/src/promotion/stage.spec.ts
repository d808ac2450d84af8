import { describe, expect, it } from 'vitest';
import { canMoveStage, canMoveStatus, isOpen } from './stage.js';

describe('stages', () => {
  it('lets a candidate go to production and back', () => {
    expect(canMoveStage('candidate', 'production')).toBe(true);
    expect(canMoveStage('production', 'candidate')).toBe(true);
  });

  it('never archives what is in production', () => {
    expect(canMoveStage('production', 'archived')).toBe(false);
  });

  it('brings nothing back from the archive', () => {
    for (const stage of ['candidate', 'staging', 'production'] as const) expect(canMoveStage('archived', stage)).toBe(false);
  });
});

describe('promotion status', () => {
  it('goes from requested over waiting to approved', () => {
    expect(canMoveStatus('requested', 'waiting')).toBe(true);
    expect(canMoveStatus('waiting', 'approved')).toBe(true);
  });

  it('does not complete without approval', () => {
    expect(canMoveStatus('requested', 'completed')).toBe(false);
    expect(canMoveStatus('waiting', 'completed')).toBe(false);
  });

  it('is open until it has an end', () => {
    expect((['requested', 'waiting', 'approved'] as const).every(isOpen)).toBe(true);
    expect((['completed', 'rolled-back', 'aborted', 'refused'] as const).some(isOpen)).toBe(false);
  });
});
