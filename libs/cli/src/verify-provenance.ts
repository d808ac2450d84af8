import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { isMadeAs, type Provenance, type Resource, verifyProvenance } from '@bascule/proofs';
import type { Command } from 'commander';
import { callersFile, readCallersFile } from './caller-folder.js';
import { CommandError } from './running-stack.js';

/** Keys in PEM, or the list of them that training answers. */
function trustedKeys(file: string): KeyObject[] {
  const text = readCallersFile(file).toString();
  try {
    const pems = text.trimStart().startsWith('{')
      ? (JSON.parse(text) as { items: { publicKey: string }[] }).items.map(({ publicKey }) => publicKey)
      : (text.match(/-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g) ?? []);
    if (pems.length === 0) throw new Error('it holds none');
    return pems.map((pem) => createPublicKey(pem));
  } catch (error) {
    throw new CommandError(
      `${file} holds no public keys, neither as PEM nor as GET /v1/provenance/keys answers them: ${(error as Error).message}`,
    );
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(callersFile(file)), hash);
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`);
  }
  return hash.digest('hex');
}

const lineOf = ({ name, digest, annotations }: Resource) =>
  `  ${name}  sha256:${digest}${annotations ? `  ${JSON.stringify(annotations)}` : ''}`;

function tell({ subjects, dependencies, byproducts, builder, externalParameters, internalParameters, ...run }: Provenance): void {
  console.log(`made by       ${builder.id} ${JSON.stringify(builder.version)}`);
  console.log(`in run        ${run.invocationId}, ${run.startedOn} to ${run.finishedOn}`);
  for (const [title, resources] of Object.entries({ made: subjects, from: dependencies, 'and beside it': byproducts })) {
    if (resources.length > 0) console.log([title, ...resources.map(lineOf)].join('\n'));
  }
  console.log(`asked for     ${JSON.stringify(externalParameters)}`);
  console.log(`added         ${JSON.stringify(internalParameters)}`);
}

/** `npm run bascule -- verify-provenance FILE`: checks offline what a model was made from. */
export function addVerifyProvenance(program: Command): void {
  program
    .command('verify-provenance')
    .argument('<file>', 'the envelope, as GET /v1/runs/ID/provenance of training answers it')
    .description('check offline who says what a model was made from and, with the model, that it is this one')
    .requiredOption('--keys <file>', 'keys you trust: PEM, or the answer of GET /v1/provenance/keys got another way')
    .option('--model <file>', 'the model it is said to speak of')
    .action(async (file: string, { keys, model }: { keys: string; model?: string }) => {
      const verdict = verifyProvenance(readCallersFile(file).toString(), trustedKeys(keys));
      if (!verdict.ok) {
        console.log(`provenance    NOT GENUINE: ${verdict.reason}`);
        process.exitCode = 1;
        return;
      }
      console.log('provenance    genuine: a key you trust signed it');
      tell(verdict.provenance);
      if (model === undefined) return;
      const isOurs = isMadeAs(verdict.provenance, await digestOf(model));
      console.log(`model         ${isOurs ? 'is one that it speaks of' : 'NOT ONE that it speaks of'}`);
      if (!isOurs) process.exitCode = 1;
    });
}
