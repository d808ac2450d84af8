import { verifyEvidence } from '@bascule/proofs';
import type { Command } from 'commander';
import { z } from 'zod';
import { callService } from './call-service.js';
import { readCallersFile } from './caller-folder.js';
import { CommandError, findStack } from './running-stack.js';

/** Takes the key as text or from a file; without either, asks the stack that is running. */
async function verifierKeyOf(given: string | undefined, dataDir: string): Promise<string> {
  if (given?.startsWith('@')) return readCallersFile(given.slice(1)).toString().trim();
  if (given) return given;
  const { directory, info } = findStack(dataDir);
  if (!info) {
    throw new CommandError(
      `no stack is running in ${directory.dir} to ask for the verifier key. Name the key you were given: npm run bascule -- verify FILE --key KEY   (or --key @FILE)`,
    );
  }
  const answer = await callService(info, z.object({ verifierKey: z.string() }), {
    service: 'governance',
    role: 'auditor',
    path: '/v1/audit/key',
  });
  console.error('note: the key was asked of the very system that is checked; an auditor names one got another way with --key');
  return answer.verifierKey;
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${file} is not JSON, so it is not an evidence bundle`);
  }
}

/** `npm run bascule -- verify FILE`: checks an evidence bundle offline. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .argument('<file>', 'an evidence bundle, as answered by governance')
    .description('check an evidence bundle offline, without trusting the system')
    .option('--key <key>', 'the verifier key, or @FILE')
    .action(async (file: string, options: { key?: string }) => {
      const bundle = parse(readCallersFile(file).toString(), file);
      const { integrity, completeness, problems } = verifyEvidence(bundle, await verifierKeyOf(options.key, program.opts().data));
      console.log(`integrity     ${integrity ? 'holds: what is shown is in the signed log, unchanged' : 'BROKEN'}`);
      console.log(`completeness  ${completeness ? 'holds: everything that was asked for is shown' : 'NOT SHOWN'}`);
      for (const problem of problems) console.log(`  ${problem}`);
      if (!integrity || !completeness) process.exitCode = 1;
    });
}
