import { createHash } from 'node:crypto';
import { modelSignature } from '@bascule/contracts';
import type { Command } from 'commander';
import { z } from 'zod';
import { callService, sendFile } from './call-service.js';
import { readCallersFile } from './caller-folder.js';
import { CommandError, requireStack } from './running-stack.js';

const artifact = z.object({ digest: z.string() });
const version = z.object({ modelName: z.string(), version: z.number() });
const asScientist = { service: 'registry', role: 'scientist' } as const;

interface RegisterOptions {
  readonly signature: string;
  readonly metric: string[];
  readonly tag: string[];
  readonly description?: string;
  readonly import?: boolean;
}

const aboutSignature = `
A signature names every input and output that clients may use, with -1 for an axis of any length:
  {
    "inputs": [{ "name": "amount", "datatype": "FP32", "shape": [-1, 1], "kind": "numeric" }],
    "outputs": [
      { "name": "label", "datatype": "INT64", "shape": [-1], "classes": ["refused", "paid"] },
      { "name": "probabilities", "datatype": "FP32", "shape": [-1, 2], "columns": ["refused", "paid"] }
    ]
  }
Where no "classes" or "columns" stand, ground truth is reported by position. \`adopt\` finds the signature out by itself.
`;

/** `npm run bascule -- register MODEL FILE --signature FILE`: uploads a model file and registers it as a version. */
export function addRegister(program: Command): void {
  program
    .command('register')
    .argument('<model>', 'name of the model')
    .argument('<file>', 'the model, an ONNX file')
    .description('register a model file as a version')
    .requiredOption('--signature <file>', 'JSON file that names inputs and outputs, see below')
    .option('--metric <name=value>', 'a metric, declared by you; may be given again', collect, [])
    .option('--tag <name=value>', 'a tag; may be given again', collect, [])
    .option('--description <text>', 'what the version is')
    .option('--import', 'it comes from another registry')
    .addHelpText('after', aboutSignature)
    .action(async (model: string, file: string, options: RegisterOptions) => {
      const { info } = requireStack(program.opts().data);
      const bytes = readCallersFile(file);
      const signature = modelSignature.safeParse(jsonOf(options.signature));
      if (!signature.success) throw new CommandError(`${options.signature} is no signature: ${z.prettifyError(signature.error)}`);
      // announced, so that bytes that change on their way are refused
      const path = `/v1/artifacts?digest=${createHash('sha256').update(bytes).digest('hex')}`;
      const { digest } = await sendFile(
        info,
        artifact,
        { ...asScientist, path },
        new Blob([new Uint8Array(bytes)]).stream(),
        'application/octet-stream',
      );
      const body = {
        artifactDigest: digest,
        signature: signature.data,
        metrics: Object.fromEntries(options.metric.map(pairOf).map(([name, value]) => [name, numberOf(name, value)])),
        tags: Object.fromEntries(options.tag.map(pairOf)),
        source: options.import ? 'import' : 'upload',
        ...(options.description ? { description: options.description } : {}),
      };
      const versions = `/v1/models/${encodeURIComponent(model)}/versions`;
      const made = await callService(info, version, { ...asScientist, path: versions, body, isProbed: true });
      console.log(`${made.modelName} version ${made.version}, artifact ${digest}`);
    });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function jsonOf(file: string): unknown {
  const text = readCallersFile(file).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${file} is no JSON`);
  }
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new CommandError(`${text} is not name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function numberOf(name: string, value: string): number {
  if (value.trim() === '' || !Number.isFinite(Number(value))) throw new CommandError(`${name}: ${value} is not a number`);
  return Number(value);
}
