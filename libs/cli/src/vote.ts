import type { StackFile } from '@bascule/launcher';
import type { Command } from 'commander';
import { z } from 'zod';
import { callService } from './call-service.js';
import { CommandError, requireStack } from './running-stack.js';

const approvals = z.object({ items: z.array(z.object({ approvalId: z.string() })) });
const approval = z.object({ status: z.string(), missing: z.array(z.string()).default([]) });
const voters = ['approver', 'operator', 'scientist', 'auditor', 'admin'] as const;
type Voter = (typeof voters)[number];

interface VoteOptions {
  readonly reason: string;
  readonly as: string;
}

/** `npm run bascule -- approve PROMOTION --reason TEXT` and `deny`: says yes or no to a promotion that waits for people. */
export function addVote(program: Command): void {
  for (const [name, decision] of [
    ['approve', 'grant'],
    ['deny', 'deny'],
  ] as const) {
    program
      .command(name)
      .argument('<promotion>', 'id of the promotion')
      .description(`say ${decision === 'grant' ? 'yes' : 'no'} to a promotion`)
      .requiredOption('--reason <text>', 'why; it goes into the audit log')
      .option('--as <role>', `whose key: one of ${voters.join(', ')}`, 'approver')
      .action(async (promotionId: string, options: VoteOptions) => {
        const { info } = requireStack(program.opts().data);
        await vote(info, promotionId, decision, options);
      });
  }
}

async function vote(info: StackFile, promotionId: string, decision: 'grant' | 'deny', { reason, as }: VoteOptions): Promise<void> {
  const role = voters.find((known): known is Voter => known === as);
  if (!role) throw new CommandError(`nobody votes as ${as}; there are: ${voters.join(', ')}`);
  const ask = { service: 'governance', role } as const;
  const { items } = await callService(info, approvals, { ...ask, path: `/v1/approvals?promotionId=${encodeURIComponent(promotionId)}` });
  const found = items[0];
  if (!found) throw new CommandError(`promotion ${promotionId} waits for nobody's vote`);
  const path = `/v1/approvals/${found.approvalId}/votes`;
  const { status, missing } = await callService(info, approval, { ...ask, path, body: { decision, reason } });
  const left = missing.length > 0 ? `; still missing: ${missing.join(', ')}` : '';
  console.log(`the promotion is ${status}${left}`);
}
