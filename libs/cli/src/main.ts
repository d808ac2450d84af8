import { createProgram } from './program.js';
import { CommandError } from './running-stack.js';

try {
  await createProgram().parseAsync();
} catch (error) {
  const isExpected = error instanceof CommandError || (error instanceof Error && 'remedy' in error);
  const { message, remedy } = error as { message?: string; remedy?: string };
  process.stderr.write(isExpected ? `${[message, remedy].filter(Boolean).join('\n')}\n` : `${(error as Error).stack ?? error}\n`);
  process.exitCode = 1;
}
