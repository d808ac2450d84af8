import { tableUnreadable } from './errors.js';

/** The error for content that is to blame; errors of the system (a disk, a connection) and those that have a code of ours stay what they are. */
export function contentFault(error: unknown, what: string): unknown {
  if (typeof error !== 'object' || error === null || 'kind' in error) return error;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  const isOfSystem = syscall !== undefined || (typeof code === 'string' && /^(?:E[A-Z]+|ERR_STREAM_.*|ABORT_ERR)$/.test(code));
  // a reader that stumbles over broken bytes tells of itself, not of them
  if (error instanceof TypeError || error instanceof RangeError) return tableUnreadable({}, `${what}: its bytes contradict each other`);
  return isOfSystem ? error : tableUnreadable({}, `${what}: ${message}`);
}
