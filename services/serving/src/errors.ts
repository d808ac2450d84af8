import { defineError } from '@bascule/platform';

export const modelNotFound = defineError({
  code: 'serving.model_not_found',
  kind: 'not_found',
  title: 'No such model, or no such version of it, is served here',
  remedy: 'POST /v2/repository/index lists what is served.',
});

export const modelNotReady = defineError({
  code: 'serving.model_not_ready',
  kind: 'unavailable',
  title: 'The model is not loaded yet',
  remedy: 'Try again after the time named in Retry-After.',
});

export const invalidInference = defineError({
  code: 'serving.invalid_inference',
  kind: 'invalid',
  title: 'The inference request does not fit the model or the protocol',
  remedy: 'Compare the request with the metadata of the model; the detail names the input.',
});

export const tensorLimitExceeded = defineError({
  code: 'serving.tensor_limit_exceeded',
  kind: 'invalid',
  title: 'The inference request has more of something than is ever taken',
  remedy: 'Send fewer or smaller tensors, or shorter names; the detail names the input and the limit.',
});

export const jsonBodyTooLarge = defineError({
  code: 'serving.json_body_too_large',
  kind: 'too_large',
  title: 'The request carries more as JSON than is read as text',
  remedy:
    'Send the tensors raw (binary tensor extension: `Inference-Header-Content-Length` and `binary_data_size`), or fewer rows at once.',
  retry: { when: 'With raw tensors, or in requests of fewer rows.' },
});

export const answerTooLarge = defineError({
  code: 'serving.answer_too_large',
  kind: 'invalid',
  title: 'The answer has more elements than are written as text',
  remedy:
    'Ask for raw outputs (`binary_data_output: true`; in gRPC send `raw_input_contents`), for fewer outputs, or send fewer rows at once.',
  retry: { when: 'With raw outputs, or in requests of fewer rows.' },
});

export const inferenceFailed = defineError({
  code: 'serving.inference_failed',
  kind: 'unprocessable',
  title: 'The model could not work with these values',
  remedy: 'Check the values against what the model was trained on; the detail says what the runtime said.',
});

export const inferenceTimedOut = defineError({
  code: 'serving.inference_timed_out',
  kind: 'deadline',
  title: 'The model did not answer within its deadline',
  remedy: 'Try again once; if it stays, the model needs a longer deadline or a smaller request.',
  retry: { again: 'once', when: 'Once, with fewer rows when it had several; a model that holds up its process will do so again.' },
});

export const queueFull = defineError({
  code: 'serving.queue_full',
  kind: 'throttled',
  title: 'More requests wait for this model than it can answer in time',
  remedy: 'Try again after the time named in Retry-After, with growing delay.',
});

export const deadlineExceeded = defineError({
  code: 'serving.deadline_exceeded',
  kind: 'deadline',
  title: 'The deadline of the request passed before the model could answer',
  remedy: 'Try again with growing delay, or give the request a longer `timeout`.',
  retry: {
    when: 'Once, with the same `Idempotency-Key` and a longer `timeout` if the case can wait; nothing was run when it had none to spare.',
  },
});

export const modelSuspended = defineError({
  code: 'serving.model_suspended',
  kind: 'unavailable',
  title: 'The model ended or held up its process several times in a row and is not asked for a while',
  remedy: 'Try again after the time named in Retry-After; operators: roll the version back.',
  retry: { when: 'After `Retry-After`, which says when the model is asked again.' },
});

export const modelCrashed = defineError({
  code: 'serving.model_crashed',
  kind: 'unavailable',
  title: 'The process of the model ended while it worked on this request',
  remedy: 'Try again once after the time named in Retry-After; if it stays, the request or the model is at fault.',
  retry: { again: 'once', when: 'Once, after `Retry-After`: the same values may end the process again.' },
});

export const modelMemoryExceeded = defineError({
  code: 'serving.model_memory_exceeded',
  kind: 'unprocessable',
  title: 'The model needs more memory for this request than its process may take',
  remedy: 'Send fewer rows or smaller tensors; operators: raise MODEL_PROCESS_MAX_BYTES.',
  retry: { when: 'In requests of fewer rows.' },
});

export const overloaded = defineError({
  code: 'serving.overloaded',
  kind: 'unavailable',
  title: 'This gateway has as many requests in hand as it can hold',
  remedy: 'Try again after the time named in Retry-After, with growing delay.',
});

export const tooManyBodies = defineError({
  code: 'serving.too_many_bodies',
  scope: 'body',
  kind: 'throttled',
  title: 'The key has as many request bodies on the way as it may have',
  remedy: 'Send each body as a whole and at once, fewer at a time, and try again after the time named in Retry-After.',
});

export const runtimeUnavailable = defineError({
  code: 'serving.runtime_unavailable',
  kind: 'unavailable',
  title: 'The process that runs the models is being restarted',
  remedy: 'Try again after the time named in Retry-After.',
});

export const pinForbidden = defineError({
  code: 'serving.pin_forbidden',
  kind: 'forbidden',
  title: 'Only operators may pin a model version',
  remedy: 'Leave X-Bascule-Model-Version out, or use the key of an operator.',
  retry: { when: 'Without `X-Bascule-Model-Version`.' },
});

export const captureUnavailable = defineError({
  code: 'serving.capture_unavailable',
  kind: 'unavailable',
  title: 'The prediction could not be recorded, and this endpoint answers nothing that is not',
  remedy: 'Try again after the time named in Retry-After; operators: look at the disk below SPILL_DIR.',
});

export const tooManyReceiptRows = defineError({
  code: 'serving.too_many_receipt_rows',
  kind: 'invalid',
  title: 'A receipt names each row, and the request has too many of them',
  remedy: 'Send fewer rows at once, or ask for no receipt.',
});

export const streamUnavailable = defineError({
  code: 'serving.stream_unavailable',
  kind: 'unavailable',
  title: 'The event stream could not take the submission',
  remedy: 'Send it again with the same Idempotency-Key after the time named in Retry-After.',
  retry: { fallback: 'Keep the submission in an outbox of your own until the answer is 202.' },
});

export const endpointNotFound = defineError({
  code: 'serving.endpoint_not_found',
  kind: 'not_found',
  title: 'No such endpoint',
  remedy: 'GET /v1/endpoints lists them.',
  retry: { fallback: 'None: this is for operators.' },
});

export const shadowRefused = defineError({
  code: 'serving.shadow_refused',
  kind: 'unprocessable',
  title: 'This version cannot be a shadow here',
  remedy: 'Name a registered version that is not archived and takes no share of the answers.',
  retry: { fallback: 'None: this is for operators.' },
});

export const rolloutNotFound = defineError({
  code: 'serving.rollout_not_found',
  kind: 'not_found',
  title: 'No such rollout',
  remedy: 'GET /v1/rollouts lists them.',
  retry: { fallback: 'None: this is for operators.' },
});

export const rolloutEnded = defineError({
  code: 'serving.rollout_ended',
  kind: 'conflict',
  title: 'The rollout has already ended',
  remedy: 'Read the rollout; start a new one by promoting a version.',
  retry: { fallback: 'None: this is for operators.' },
});

export const rolloutNotSteerable = defineError({
  code: 'serving.rollout_not_steerable',
  kind: 'conflict',
  title: 'The rollout cannot be steered so where it stands',
  remedy: 'Read the rollout: only one that runs can be finished, and not while the loop is frozen.',
  retry: { fallback: 'None: this is for operators.' },
});

export const repeatsUnavailable = defineError({
  code: 'serving.repeats_unavailable',
  kind: 'unavailable',
  title: 'Answers for repeats cannot be kept or found at the moment',
  remedy: 'Send it again after the time named in Retry-After, or at once without the Idempotency-Key: a repeat is then another prediction.',
  retry: { when: 'At once without the `Idempotency-Key` when two predictions for one case do no harm; else after `Retry-After`.' },
});

export const answerTooLargeToKeep = defineError({
  code: 'serving.answer_too_large_to_keep',
  kind: 'too_large',
  title: 'The answer is too large to be kept for repeats',
  remedy: 'Send fewer rows at once, each with a key of its own, or leave the Idempotency-Key out; nothing was captured.',
  retry: { when: 'In requests of fewer rows with a key each, or without a key.' },
});

export const invalidRecord = defineError({
  code: 'serving.invalid_record',
  kind: 'unprocessable',
  title: 'The record does not fit the model',
  remedy: 'Correct the values named in errors and send this record again; the others have their answers.',
  retry: { fallback: 'The other records have their answers; decide this case without the model.' },
});

export const noRecordAnswered = defineError({
  code: 'serving.no_record_answered',
  kind: 'unprocessable',
  title: 'None of the records could be answered',
  remedy: 'Correct the values named in errors; the path says which record and which value.',
});
