import { freezeState } from '@bascule/contracts';
import type { Command } from 'commander';
import { callService } from './call-service.js';
import { requireStack } from './running-stack.js';

/** `npm run bascule -- freeze`: retraining, promotion and rollout stop within a second; serving goes on. */
export function addFreeze(program: Command): void {
  program
    .command('freeze')
    .description('stop retraining, promotion and rollout; serving goes on')
    .requiredOption('--reason <text>', 'why; it goes into the audit log')
    .action(async ({ reason }: { reason: string }) => {
      const { info } = requireStack(program.opts().data);
      const { by, since } = await callService(info, freezeState, {
        service: 'governance',
        role: 'operator',
        path: '/v1/freeze',
        body: { reason },
      });
      console.log(`frozen by ${by} since ${since}: ${reason}`);
    });
}
