import { readFileSync } from 'node:fs';
import { entityName } from '@bascule/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { builtInTrainers } from '../trainers/built-in.js';

/** One program that the operator lets pipelines use. */
export const trainerProgram = z.strictObject({
  title: z.string().max(200).optional(),
  /** Program and arguments; never anything a pipeline says. */
  command: z.array(z.string().min(1)).min(1).max(100),
  /** What the provenance of models is to call it; beside it stand the digests of its files. */
  version: z.string().min(1).max(100).optional(),
  /** Files and folders that it consists of beside those that its command names: their digests are in the provenance as well. */
  files: z.array(z.string().startsWith('/', 'must be an absolute path')).max(100).default([]),
  /** All the environment it gets beside PATH, HOME, TMPDIR and the mark of its task. */
  environment: z.record(z.string(), z.string()).default({}),
});
export type TrainerProgram = z.infer<typeof trainerProgram>;

const trainersFile = z.record(entityName, trainerProgram);

/**
 * Reads the programs that may train: a YAML or JSON file, name to program.
 * @throws with the name of the setting and every fault of the file
 */
export function readTrainerPrograms(path: string | undefined): ReadonlyMap<string, TrainerProgram> {
  if (path === undefined) return new Map();
  const content = (() => {
    try {
      return parse(readFileSync(path, 'utf8')) as unknown;
    } catch (error) {
      throw new Error(`TRAINERS_FILE: cannot be read: ${(error as Error).message}`);
    }
  })();
  const result = trainersFile.safeParse(content ?? {});
  if (!result.success) throw new Error(`TRAINERS_FILE: ${z.prettifyError(result.error)}`);
  const taken = builtInTrainers.filter((name) => name in result.data);
  if (taken.length > 0) throw new Error(`TRAINERS_FILE: ${taken.join(', ')} is the name of a built-in trainer`);
  return new Map(Object.entries(result.data));
}
