import { describe, expect, it } from 'vitest';
import {
  deadlineExceeded,
  inferenceFailed,
  invalidInference,
  modelCrashed,
  modelSuspended,
  queueFull,
  runtimeUnavailable,
} from '../errors.js';
import { failureKind } from './failure-kind.js';

describe('a failure of a version', () => {
  it.each([
    ['may be its own, or that of what it was asked', [inferenceFailed(), modelCrashed(), deadlineExceeded(), new Error('no')], 'suspect'],
    ['may follow from one before', [modelSuspended(), runtimeUnavailable()], 'aftermath'],
    ['says nothing about it when it was not to blame', [queueFull(), invalidInference()], 'none'],
  ])('%s', (_name, errors, kind) => expect(errors.map(failureKind)).toEqual(errors.map(() => kind)));
});
