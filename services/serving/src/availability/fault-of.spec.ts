import { describe, expect, it } from 'vitest';
import { rateLimited } from '../admission/errors.js';
import {
  deadlineExceeded,
  inferenceFailed,
  inferenceTimedOut,
  invalidInference,
  modelCrashed,
  modelMemoryExceeded,
  modelNotFound,
  modelNotReady,
  modelSuspended,
  noRecordAnswered,
  overloaded,
  queueFull,
  tooManyBodies,
} from '../errors.js';
import { type Fault, faultOf } from './fault-of.js';

const promisedMs = 500;
const usual = 15_000;

describe('a request without an answer', () => {
  it.each<[whose: Fault, what: string, error: unknown, allowedMs: number]>([
    ['endpoint', 'of a model that is not there', modelNotReady(), usual],
    ['endpoint', 'of a model that is left alone', modelSuspended(), usual],
    ['endpoint', 'whose model went down', modelCrashed(), usual],
    ['endpoint', 'that ended in something unexpected', new Error('unexpected'), usual],
    ['endpoint', 'that found no room in the gateway', overloaded(), usual],
    ['endpoint', 'that found no room in front of its model', queueFull(), usual],
    ['endpoint', 'whose time was over', deadlineExceeded(), usual],
    ['endpoint', 'that had as much time as is promised', deadlineExceeded(), promisedMs],
    ['endpoint', 'whose run was ended', inferenceTimedOut(), 1],
    ['client', 'that had hardly any time', deadlineExceeded(), 1],
    ['client', 'that would not wait', queueFull(), 1],
    ['client', 'that was wrong', invalidInference(), usual],
    ['client', 'of a model that nobody knows', modelNotFound(), usual],
    ['client', 'without one record that can be read', noRecordAnswered(), usual],
    ['client', 'beyond the limits of its key', rateLimited(), usual],
    ['client', 'beyond the share of its key', tooManyBodies(), usual],
    ['values', 'with values that the model cannot work with', inferenceFailed(), usual],
    ['values', 'with more than its process can hold', modelMemoryExceeded(), usual],
  ])('is put down to the %s %s', (whose, _what, error, allowedMs) => expect(faultOf(error, allowedMs, promisedMs)).toBe(whose));
});
