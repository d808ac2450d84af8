import { setTimeout as wait } from 'node:timers/promises';
import type { StackFile } from '@bascule/launcher';
import type { Command } from 'commander';
import { z } from 'zod';
import { callService } from './call-service.js';
import { CommandError, requireStack } from './running-stack.js';

const promotion = z.object({ promotionId: z.string(), version: z.number(), status: z.string(), reasons: z.array(z.string()) });
type Promotion = z.infer<typeof promotion>;
const history = z.object({ items: z.array(z.object({ version: z.number().nullable() })) });
const rollouts = z.object({
  items: z.array(z.object({ rolloutId: z.string(), version: z.number(), environment: z.string(), status: z.string() })),
});
const anything = z.unknown();

const asScientist = { service: 'registry', role: 'scientist' } as const;
const asOperator = { service: 'serving', role: 'operator' } as const;
const open = new Set(['requested', 'waiting', 'approved']);
const pollMs = 1_000;

/** `npm run bascule -- promote MODEL VERSION`: asks to bring a version into an environment; `--wait` follows it to its end. */
export function addPromote(program: Command): void {
  program
    .command('promote')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'number of the version')
    .description('ask to bring a version into an environment')
    .option('--environment <name>', 'where to', 'production')
    .option('--override <reason>', 'pass over gates that fail; it stays on record')
    .option('--wait', 'wait until it has ended; ends with 1 unless the version went up')
    .action(async (model: string, version: string, options: { environment: string; override?: string; wait?: boolean }) => {
      const { info } = requireStack(program.opts().data);
      const asked = await request(info, model, version, options.environment, options.override);
      console.log(`promotion ${asked.promotionId} of ${model} version ${version}: ${asked.status}`);
      if (!options.wait) return;
      const ended = await follow(info, asked);
      if (ended.status !== 'completed') throw new CommandError(`the promotion was ${ended.status}: ${ended.reasons.join('; ')}`);
      console.log(`${model} version ${version} is the champion in ${options.environment}`);
    });
}

/** `npm run bascule -- rollback MODEL --reason TEXT`: stops the rollout under way, or asks for the former champion. */
export function addRollback(program: Command): void {
  program
    .command('rollback')
    .argument('<model>', 'name of the model')
    .description('stop the rollout under way; without one, ask for the former champion')
    .requiredOption('--reason <text>', 'why; it goes into the audit log')
    .option('--environment <name>', 'where', 'production')
    .action(async (model: string, { reason, environment }: { reason: string; environment: string }) => {
      const { info } = requireStack(program.opts().data);
      const name = encodeURIComponent(model);
      const { items } = await callService(info, rollouts, { ...asOperator, path: `/v1/rollouts?model=${name}` });
      const running = items.find(
        (rollout) => rollout.environment === environment && ['waiting', 'loading', 'running'].includes(rollout.status),
      );
      if (running) {
        await callService(info, anything, { ...asOperator, path: `/v1/rollouts/${running.rolloutId}/abort`, body: { reason } });
        console.log(`the rollout of version ${running.version} was stopped: the champion answers everything`);
        return;
      }
      const path = `/v1/models/${name}/aliases/champion/history?environment=${encodeURIComponent(environment)}`;
      const stays = (await callService(info, history, { ...asScientist, path })).items.map(({ version }) => version);
      const former = stays.slice(1).find((version) => version !== null && version !== stays[0]);
      if (former === undefined || former === null) throw new CommandError(`${model} had no other champion in ${environment}`);
      const asked = await request(info, model, String(former), environment, `rollback: ${reason}`);
      console.log(`promotion ${asked.promotionId} back to version ${former}: ${asked.status}; an approver decides`);
    });
}

function request(info: StackFile, model: string, version: string, environment: string, reason?: string): Promise<Promotion> {
  const path = `/v1/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/promotions`;
  return callService(info, promotion, { ...asScientist, path, body: { environment, ...(reason ? { override: { reason } } : {}) } });
}

async function follow(info: StackFile, asked: Promotion): Promise<Promotion> {
  let current = asked;
  while (open.has(current.status)) {
    await wait(pollMs);
    const next = await callService(info, promotion, { ...asScientist, path: `/v1/promotions/${asked.promotionId}` });
    if (next.status !== current.status) console.error(`${next.status}: ${next.reasons.join('; ')}`);
    current = next;
  }
  return current;
}
