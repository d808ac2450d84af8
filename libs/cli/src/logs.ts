import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { CommandError, findStack } from './running-stack.js';

/** `npm run bascule -- logs NAME`: the end of a log, and what follows it. */
export function addLogs(program: Command): void {
  program
    .command('logs')
    .argument('<name>', 'a service (serving), one process of it (serving-2), nats or postgres')
    .description('show the end of a log')
    .option('-n, --lines <count>', 'how many lines', '50')
    .option('-f, --follow', 'go on showing what is added')
    .action(async (name: string, options: { lines: string; follow?: boolean }) => {
      const folder = findStack(program.opts().data).directory.path('logs');
      const files = logsOf(folder, name);
      for (const file of files) {
        if (files.length > 1) console.log(`== ${basename(file)}`);
        const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
        console.log(lines.slice(-Number(options.lines)).join('\n'));
      }
      if (options.follow) await follow(files);
    });
}

function logsOf(folder: string, name: string): string[] {
  const known = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.log')) : [];
  const wanted = known.filter((file) => file === `${name}.log` || file.replace(/-\d+\.log$/, '') === name);
  if (wanted.length > 0) return wanted.sort().map((file) => join(folder, file));
  const names = [...new Set(known.map((file) => file.replace(/(-\d+)?\.log$/, '')))];
  throw new CommandError(
    names.length === 0
      ? `there are no logs in ${folder}; start a stack first: npm start`
      : `no log of "${name}"; there are: ${names.join(', ')}`,
  );
}

async function follow(files: readonly string[]): Promise<void> {
  const seen = new Map(files.map((file) => [file, statSync(file).size]));
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const [file, position] of seen) {
      const { size } = statSync(file);
      if (size > position) process.stdout.write(readFrom(file, position, size - position));
      seen.set(file, size);
    }
  }
}

function readFrom(file: string, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(handle, bytes, 0, length, position));
  } finally {
    closeSync(handle);
  }
}
