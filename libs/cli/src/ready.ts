import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { callService } from './call-service.js';
import { printableLine } from './printable.js';
import { CommandError, requireStack } from './running-stack.js';

const readiness = z.object({
  isReady: z.boolean(),
  gates: z.array(
    z.object({ gate: z.string(), outcome: z.enum(['pass', 'fail']), reasons: z.array(z.string()), margin: z.number().optional() }),
  ),
});
const loadTest = z.object({
  loadTestId: z.string(),
  status: z.enum(['requested', 'measured', 'failed']),
  reasons: z.array(z.string()),
  evidenceId: z.string().nullable(),
});
const evidence = z.object({
  items: z.array(
    z.object({
      evidenceId: z.string(),
      body: z.object({ answeredPerSecond: z.number(), failedCount: z.number(), p50Ms: z.number(), p99Ms: z.number() }),
    }),
  ),
});

const asScientist = { service: 'registry', role: 'scientist' } as const;
const pollMs = 500;

/** `npm run bascule -- ready MODEL VERSION`: every rule as it would be answered now; ends with 1 when one is not met. */
export function addReady(program: Command): void {
  program
    .command('ready')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'number of the version')
    .description('hold a version against every rule, without asking for a promotion')
    .option('--environment <name>', 'where to', 'production')
    .action(async (model: string, version: string, { environment }: { environment: string }) => {
      const { info } = requireStack(program.opts().data);
      const path = `${pathOf(model, version)}/readiness?environment=${encodeURIComponent(environment)}`;
      const { isReady, gates } = await callService(info, readiness, { ...asScientist, path });
      for (const { gate, outcome, reasons, margin } of gates) {
        const room = margin === undefined ? '' : ` (margin ${Number(margin.toPrecision(4))})`;
        console.log(printableLine(`${outcome === 'pass' ? 'met    ' : 'NOT MET'}  ${gate}: ${reasons.join('; ')}${room}`));
      }
      if (!isReady) throw new CommandError(`${model} version ${version} is not ready for ${environment}`);
      console.log(`${model} version ${version} is ready for ${environment}`);
    });
}

/** `npm run bascule -- load-test MODEL VERSION --rate N`: has a gateway put a version under load and waits for its figures. */
export function addLoadTest(program: Command): void {
  program
    .command('load-test')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'number of the version')
    .description('have a gateway put a version under load; the figures are evidence for its promotion')
    .requiredOption('--rate <n>', 'requests per second')
    .option('--rows <n>', 'rows of a request', '1')
    .option('--seconds <n>', 'how long', '5')
    .option('--connections <n>', 'clients that ask at once', '16')
    .option('--environment <name>', 'whose gateways are asked', 'production')
    .action(
      async (model: string, version: string, options: Record<'rate' | 'rows' | 'seconds' | 'connections' | 'environment', string>) => {
        const { info } = requireStack(program.opts().data);
        const { rate, rows, seconds, connections, environment } = options;
        const body = {
          requestsPerSecond: Number(rate),
          rowsPerRequest: Number(rows),
          seconds: Number(seconds),
          connections: Number(connections),
          environment,
        };
        const path = pathOf(model, version);
        let test = await callService(info, loadTest, { ...asScientist, path: `${path}/gateway-load-tests`, body });
        while (test.status === 'requested') {
          await wait(pollMs);
          test = await callService(info, loadTest, { ...asScientist, path: `/v1/load-tests/${test.loadTestId}` });
        }
        if (test.status === 'failed') throw new CommandError(`it could not be put under load: ${test.reasons.join('; ')}`);
        const { items } = await callService(info, evidence, { ...asScientist, path: `${path}/evidence?kind=load-test` });
        const found = items.find(({ evidenceId }) => evidenceId === test.evidenceId)?.body;
        if (!found) return console.log('measured; other load tests have come since');
        const { answeredPerSecond, failedCount, p50Ms, p99Ms } = found;
        console.log(
          `${answeredPerSecond} requests per second answered, ${failedCount} not; half within ${p50Ms} ms, 99 % within ${p99Ms} ms`,
        );
      },
    );
}

function pathOf(model: string, version: string): string {
  return `/v1/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`;
}
