import { type ErrorDefinition, type ErrorKind, errorKinds } from './define-error.js';

/** What a program that gets an error should do, for `docs/retries.md`. */
export interface RetryAdvice {
  /** Whether the same request may succeed later; `once`: a second failure will not go away by itself. */
  readonly again: 'no' | 'yes' | 'once';
  /** When and how to send it again, or what to change first. */
  readonly when: string;
  /** What to do about the case meanwhile. */
  readonly fallback: string;
}

const withoutModel = 'Decide the case without the model, by your own rule, and say so in the decision you record.';
const operators = 'Nothing to fall back to: tell the people who run the client.';

const byKind: Readonly<Record<ErrorKind, RetryAdvice>> = {
  invalid: { again: 'no', when: 'The same request fails the same way: correct it.', fallback: withoutModel },
  unauthenticated: { again: 'no', when: 'With a valid key or token.', fallback: operators },
  forbidden: { again: 'no', when: 'After the key was given what it lacks.', fallback: operators },
  not_found: { again: 'no', when: 'After checking the name.', fallback: operators },
  conflict: { again: 'no', when: 'After reading how things stand now.', fallback: operators },
  too_large: { again: 'no', when: 'In smaller parts.', fallback: 'Large amounts go as a batch job.' },
  unprocessable: { again: 'no', when: 'The same values fail the same way: correct them.', fallback: withoutModel },
  throttled: {
    again: 'yes',
    when: 'After `Retry-After`; double the wait with each try, and add a random part to it.',
    fallback: 'Keep the case in a queue of your own; when it cannot wait, decide without the model.',
  },
  unavailable: {
    again: 'yes',
    when: 'After `Retry-After`; double the wait with each try, and add a random part to it.',
    fallback: withoutModel,
  },
  deadline: {
    again: 'once',
    when: 'At once with the same `Idempotency-Key`: an answer that was already made is given out then.',
    fallback: withoutModel,
  },
};

/** What the definition says, completed by what goes for its kind. */
export function retryAdviceOf({ kind, retry }: Pick<ErrorDefinition, 'kind' | 'retry'>): RetryAdvice {
  return { ...byKind[kind], ...retry };
}

const cell = (text: string) => text.replaceAll('|', '\\|');

/** One row of the table in `docs/retries.md`. */
export function retryRow(definition: ErrorDefinition): string {
  const { code, kind, status, title } = definition;
  const { again, when, fallback } = retryAdviceOf(definition);
  return `| \`${code}\` | ${status ?? errorKinds[kind]} | ${cell(title)}. | ${again} | ${cell(when)} | ${cell(fallback)} |`;
}
