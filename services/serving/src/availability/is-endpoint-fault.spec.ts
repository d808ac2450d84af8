import { describe, expect, it } from 'vitest';
import { deadlineExceeded, invalidInference, modelNotFound, modelNotReady, noRecordAnswered, overloaded, queueFull } from '../errors.js';
import { isEndpointFault } from './is-endpoint-fault.js';

describe('a request without an answer', () => {
  it('counts against the endpoint when it failed, was late or found no room', () => {
    for (const error of [modelNotReady(), deadlineExceeded(), overloaded(), queueFull(), new Error('unexpected')])
      expect(isEndpointFault(error)).toBe(true);
  });

  it('counts for nothing when the client got it wrong', () => {
    for (const error of [invalidInference(), modelNotFound(), noRecordAnswered()]) expect(isEndpointFault(error)).toBe(false);
  });
});
