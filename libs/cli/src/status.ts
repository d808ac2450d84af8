import { leftovers, measureMemory, type StackFile } from '@bascule/launcher';
import type { Command } from 'commander';
import { z } from 'zod';
import { callService } from './call-service.js';
import { requireStack } from './running-stack.js';

interface ProcessStatus {
  name: string;
  url: string;
  ready: boolean;
  pid?: number;
  memoryBytes?: number;
}

async function isReady(adminUrl: string): Promise<boolean> {
  return fetch(`${adminUrl}/health/ready`, { signal: AbortSignal.timeout(3_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function addressesOf(info: StackFile): { name: string; url: string; adminUrl: string }[] {
  const services = Object.entries(info.services).flatMap(([service, { urls, adminUrls }]) =>
    urls.map((url, index) => ({ name: `${service}-${index + 1}`, url, adminUrl: adminUrls[index] ?? '' })),
  );
  return [{ name: 'console-1', url: info.console.url, adminUrl: info.console.adminUrl }, ...services];
}

/** `npm run bascule -- status`: every process, whether it is ready, and how much memory it takes. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show every process, whether it is ready, and its memory')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const { directory, holder, info } = requireStack(program.opts().data);
      const noted = leftovers(directory.path('pids'));
      const memory = new Map(
        measureMemory([...noted, { name: 'launcher', pid: holder.pid }]).map(({ name, pid, bytes }) => [name, { pid, memoryBytes: bytes }]),
      );
      const services: ProcessStatus[] = await Promise.all(
        addressesOf(info).map(async ({ name, url, adminUrl }) => ({ name, url, ready: await isReady(adminUrl), ...memory.get(name) })),
      );
      const servers: ProcessStatus[] = ['postgres', 'nats', 'launcher'].flatMap((name) =>
        memory.has(name) ? [{ name, url: '', ready: true, ...memory.get(name) }] : [],
      );
      const all = [...services, ...servers];
      const freeze = await callService(info, z.object({ frozen: z.boolean() }), {
        service: 'governance',
        role: 'operator',
        path: '/v1/freeze',
      }).catch(() => undefined);
      if (options.json) console.log(JSON.stringify({ processes: all, frozen: freeze?.frozen ?? null }, null, 2));
      else print(all, freeze?.frozen);
      if (all.some(({ ready }) => !ready)) process.exitCode = 1;
    });
}

function print(all: readonly ProcessStatus[], frozen: boolean | undefined): void {
  for (const { name, url, ready, memoryBytes } of all) {
    const memory = memoryBytes === undefined ? '     ?' : `${Math.round(memoryBytes / 1e6)} MB`.padStart(6);
    console.log(`${name.padEnd(16)} ${ready ? 'ready    ' : 'NOT READY'} ${memory.padStart(8)}   ${url}`);
  }
  const total = all.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0);
  console.log(
    `\n${Math.round(total / 1e6)} MB in all; the loop is ${frozen === undefined ? 'not answering about its freeze switch' : frozen ? 'FROZEN' : 'not frozen'}`,
  );
}
