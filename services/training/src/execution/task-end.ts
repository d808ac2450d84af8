import { exitCodes } from '../trainer-programs/program-job.schema.js';
import type { TaskEnd } from './executor.js';

/** A first line of an error without where our files lie. */
export function withoutPaths(line: string): string {
  return line.replace(/(?:file:\/\/)?(?:\/[^\s/'"()]+){2,}\/?/g, '[path]');
}

export function lastLine({ errors }: Pick<TaskEnd, 'errors'>): string {
  return errors.trim().split('\n').at(-1) ?? '';
}

/** Why an attempt ended without a result. @param said what it wrote about that */
export function brokenOff({ code, signal }: Pick<TaskEnd, 'code' | 'signal'>, said: string): string {
  if (signal) return `the trainer was stopped by ${signal}`;
  if (code === exitCodes.tryAgain) return `the trainer asks to be tried again: ${withoutPaths(said)}`;
  return `the trainer ended with code ${code}: ${withoutPaths(said)}`;
}
