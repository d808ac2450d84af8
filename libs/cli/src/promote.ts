import { setTimeout as wait } from 'node:timers/promises';
import type { StackFile } from '@bascule/launcher';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { callService } from './call-service.js';
import { CommandError, requireStack } from './running-stack.js';

const promotion = z.object({ promotionId: z.string(), version: z.number(), status: z.string(), reasons: z.array(z.string()) });
type Promotion = z.infer<typeof promotion>;

interface PromoteOptions {
  environment: string;
  override?: string;
  strategy?: string;
  steps?: string;
  test?: string;
  wait?: boolean;
}
const history = z.object({ items: z.array(z.object({ version: z.number().nullable() })) });
const rollouts = z.object({
  items: z.array(z.object({ rolloutId: z.string(), version: z.number(), environment: z.string(), status: z.string() })),
});
const anything = z.unknown();
const strategyKinds = ['all-at-once', 'blue-green', 'canary', 'shadow', 'ab-test'] as const;
const allAtOnce = { kind: 'all-at-once' } as const;

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
    .addOption(new Option('--strategy <kind>', 'how it comes into traffic').choices(strategyKinds))
    .option('--steps <percents>', 'of a canary or an A/B test, for example 10,50,100')
    .option('--test <json>', 'what an A/B test decides by, as JSON')
    .option('--wait', 'wait until it has ended; ends with 1 unless the version went up')
    .action(async (model: string, version: string, options: PromoteOptions) => {
      const strategy = strategyOf(options);
      const { info } = requireStack(program.opts().data);
      const asked = await request(info, model, version, {
        environment: options.environment,
        ...(strategy ? { strategy } : {}),
        ...(options.override ? { override: { reason: options.override } } : {}),
      });
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
      const former = formerOf(stays);
      if (former === undefined) throw new CommandError(`${model} had no other champion in ${environment} before this one`);
      // it has shown what it does, and the version that is left is nothing to judge it by
      const body = { environment, strategy: allAtOnce, override: { reason: `rollback: ${reason}` } };
      const asked = await request(info, model, String(former), body);
      console.log(`promotion ${asked.promotionId} back to version ${former}: ${asked.status}; an approver decides`);
    });
}

/** The champion before the one of now first was: after a way back, that is not the version that was left. @param stays newest first */
function formerOf(stays: readonly (number | null)[]): number | undefined {
  const [now] = stays;
  const earlier = stays.slice(1).filter((version) => version !== null);
  const isBefore = (version: number) => now === null || stays.lastIndexOf(version) > stays.lastIndexOf(now ?? null);
  return earlier.find((version) => version !== now && isBefore(version));
}

function strategyOf({ strategy: kind, steps, test }: PromoteOptions): object | undefined {
  if (kind === undefined && steps === undefined && test === undefined) return undefined;
  return { ...(kind ? { kind } : {}), ...(steps ? { steps: percentsOf(steps) } : {}), ...(test ? { test: jsonOf(test) } : {}) };
}

function percentsOf(text: string): number[] {
  const percents = text.split(',').map(Number);
  if (percents.every((percent) => Number.isInteger(percent) && percent > 0 && percent <= 100)) return percents;
  throw new CommandError(`${text} are no steps: percents from 1 to 100 with commas between, for example 10,50,100`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${text} is no JSON`);
  }
}

function request(info: StackFile, model: string, version: string, body: object): Promise<Promotion> {
  const path = `/v1/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/promotions`;
  return callService(info, promotion, { ...asScientist, path, body });
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
