import { describe, expect, it } from 'vitest';
import { belongsTo } from './end-strays.js';

describe('processes of a task', () => {
  it.each([
    ['PATH=/bin\0BASCULE_TASK_FOLDER=/w/1\0HOME=/w\0', true],
    ['BASCULE_TASK_FOLDER=/w/1', true],
    ['BASCULE_TASK_FOLDER=/w/12\0', false],
    ['OTHER=BASCULE_TASK_FOLDER=/w/1\0', false],
    ['HOME=/w/1\0', false],
    ['', false],
  ])('carry its folder in their environment: %j is %s', (environment, is) => {
    expect(belongsTo(environment, '/w/1')).toBe(is);
  });
});
