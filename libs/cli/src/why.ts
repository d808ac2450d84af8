import type { Command } from 'commander';
import { callService } from './call-service.js';
import { requireStack } from './running-stack.js';
import { tellStory, whyAnswer } from './story.js';

/** `npm run bascule -- why ID`: follows any id through the chain of causes; with `--model`, a claim number or another id of the client. */
export function addWhy(program: Command): void {
  program
    .command('why')
    .argument('<id>', 'an event, prediction, run, batch, promotion, rollout, dataset version or model@version')
    .description('tell how it came to this')
    .option('--model <name>', 'the id is your own id of a record that this model answered, for example a claim number')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { json?: boolean; model?: string }) => {
      const { info } = requireStack(program.opts().data);
      const query = options.model === undefined ? '' : `?model=${encodeURIComponent(options.model)}`;
      const path = `/v1/audit/why/${encodeURIComponent(id)}${query}`;
      const answer = await callService(info, whyAnswer, { service: 'governance', role: 'auditor', path });
      console.log(options.json ? JSON.stringify(answer, null, 2) : tellStory(answer));
    });
}
