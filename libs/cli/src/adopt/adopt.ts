import type { Command } from 'commander';
import { callersFile } from '../caller-folder.js';
import { CommandError, requireStack } from '../running-stack.js';

interface AdoptOptions {
  readonly model: string;
  readonly data?: string;
  readonly stack: string;
  readonly target: string;
  readonly name?: string;
  readonly features?: string;
  readonly positive?: string;
  readonly environment: string;
  readonly out?: string;
}
/** What to adopt, with the file of its data. */
export type GivenOptions = AdoptOptions & { readonly data: string };

/** `npm run bascule -- adopt --model FILE.onnx --data FILE.csv --target COLUMN`: brings a proof of concept up on staging. */
export function addAdopt(program: Command): void {
  program
    .command('adopt')
    .description('bring a model that exists, with a sample of its data, up on staging: contract, profile, gates and endpoint as drafts')
    .requiredOption('--model <file>', 'the model, an ONNX file')
    .option('--data <file>', 'a sample of its data with the target: CSV, TSV, NDJSON or Parquet')
    .requiredOption('--target <column>', 'the column the model predicts')
    .option('--name <name>', 'name of the model here; from the file when absent')
    .option('--features <a,b,c>', 'columns the model takes, in the order it was trained on')
    .option('--positive <value>', 'of a target with two values: the one whose probability the model tells')
    .option('--environment <name>', 'where it comes up', 'staging')
    .option('--out <folder>', 'where the drafts go; NAME.adopted when absent')
    .option('--stack <dir>', 'the data directory of the stack', '.bascule')
    .action(async (options: AdoptOptions) => {
      // everywhere else --data is the folder of the stack, and the program takes it first
      const file: string | undefined = options.data ?? (program.getOptionValueSource('data') === 'cli' ? program.opts().data : undefined);
      if (file === undefined) throw new CommandError('name a sample of the data: --data FILE.csv');
      const { info } = requireStack(options.stack, '--stack');
      // readers of Parquet and statistics take longer to load than most commands to run
      const { adoptModel } = await import('./adopt-model.js');
      await adoptModel(info, { ...options, model: callersFile(options.model), data: callersFile(file) });
    });
}
