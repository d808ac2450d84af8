import { quotaExhausted, rateLimited, rowsBeyondQuota, tooManyConcurrent } from '../admission/errors.js';
import {
  answerTooLarge,
  answerTooLargeToKeep,
  captureUnavailable,
  deadlineExceeded,
  inferenceFailed,
  inferenceTimedOut,
  invalidInference,
  jsonBodyTooLarge,
  modelCrashed,
  modelMemoryExceeded,
  modelNotFound,
  modelNotReady,
  modelSuspended,
  noRecordAnswered,
  overloaded,
  pinForbidden,
  queueFull,
  repeatsUnavailable,
  runtimeUnavailable,
  tensorLimitExceeded,
  tooManyReceiptRows,
} from '../errors.js';

/** What looking up a model may end in. */
export const lookupProblems = [modelNotFound, modelNotReady, tensorLimitExceeded];

/** What running a model may end in, whatever the form of the request. */
const runProblems = [
  modelNotFound,
  modelNotReady,
  pinForbidden,
  rateLimited,
  tooManyConcurrent,
  quotaExhausted,
  rowsBeyondQuota,
  queueFull,
  overloaded,
  deadlineExceeded,
  inferenceTimedOut,
  inferenceFailed,
  modelCrashed,
  modelMemoryExceeded,
  modelSuspended,
  runtimeUnavailable,
  captureUnavailable,
  repeatsUnavailable,
  answerTooLargeToKeep,
  tooManyReceiptRows,
  jsonBodyTooLarge,
];

/** What an inference of the protocol may end in. */
export const inferenceProblems = [...runProblems, invalidInference, tensorLimitExceeded, answerTooLarge];

/** What a request of records may end in. */
export const recordsProblems = [...runProblems, noRecordAnswered];
