import { freezeState } from '@bascule/contracts';
import type { Command } from 'commander';
import { callService } from './call-service.js';
import { requireStack } from './running-stack.js';

/** `npm run bascule -- unfreeze`: the loop moves again. */
export function addUnfreeze(program: Command): void {
  program
    .command('unfreeze')
    .description('let the loop move again')
    .requiredOption('--reason <text>', 'why; it goes into the audit log')
    .action(async ({ reason }: { reason: string }) => {
      const { info } = requireStack(program.opts().data);
      const { by } = await callService(info, freezeState, {
        service: 'governance',
        role: 'operator',
        path: '/v1/unfreeze',
        body: { reason },
      });
      console.log(`unfrozen by ${by}: ${reason}`);
    });
}
