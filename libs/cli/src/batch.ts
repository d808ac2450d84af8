import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { StackFile } from '@bascule/launcher';
import type { Command } from 'commander';
import { z } from 'zod';
import { callService, sendFile } from './call-service.js';
import { callersFile } from './caller-folder.js';
import { printableLine } from './printable.js';
import { CommandError, requireStack } from './running-stack.js';

const job = z.object({
  jobId: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  rows: z.object({ total: z.number().nullable(), done: z.number(), failed: z.number() }),
  findings: z.array(z.object({ column: z.string(), message: z.string(), rows: z.number(), firstRow: z.number() })).default([]),
  rowsPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  acceptedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
type Job = z.infer<typeof job>;

const types: Record<string, string> = {
  '.csv': 'text/csv',
  '.tsv': 'text/tab-separated-values',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
  '.parquet': 'application/vnd.apache.parquet',
};
const asClient = { service: 'serving', role: 'client' } as const;
const pollMs = 1_000;
/** Exit code where the job succeeded and some of its rows failed. */
const rowsFailedCode = 2;

interface BatchOptions {
  readonly output?: string;
  readonly id?: string;
  readonly occurredAt?: string;
}

/** `npm run bascule -- batch MODEL FILE`: predicts every row of a file and writes the results beside it. */
export function addBatch(program: Command): void {
  program
    .command('batch')
    .argument('<model>', 'the model that answers')
    .argument('<file>', 'CSV, TSV, NDJSON or Parquet, also packed by gzip (.gz) or zstd (.zst)')
    .description('predict every row of a file; exit code 2 when some rows failed, 1 when the job did')
    .option('--output <file>', 'where the results go, .csv or .parquet; beside the file when absent')
    .option('--id <column>', 'the column with your own ids')
    .option('--occurred-at <column>', 'the column that says when each record occurred')
    .action(async (model: string, file: string, options: BatchOptions) => {
      const { info } = requireStack(program.opts().data);
      if (!existsSync(callersFile(file))) throw new CommandError(`there is no file ${file}`);
      const output = options.output ?? `${file}.predictions.csv`;
      const query = new URLSearchParams({ output: extname(output) === '.parquet' ? 'parquet' : 'csv' });
      if (options.id) query.set('id', options.id);
      if (options.occurredAt) query.set('occurredAt', options.occurredAt);
      const path = `/v1/models/${encodeURIComponent(model)}/batch-jobs?${query}`;
      const type = types[extname(file.replace(/\.(gz|zst)$/, ''))] ?? 'application/octet-stream';
      const submitted = await sendFile(
        info,
        job,
        { ...asClient, path },
        Readable.toWeb(createReadStream(callersFile(file))) as ReadableStream,
        type,
      );
      const ended = await follow(info, submitted);
      if (ended.status !== 'succeeded') throw new CommandError(`the batch job ${ended.status}: ${ended.reason ?? 'no reason is given'}`);
      await download(info, ended, output);
      for (const { column, message, rows, firstRow } of ended.findings) {
        console.error(`column ${printableLine(column)}: in ${rows} rows, the first of them ${firstRow}, ${printableLine(message)}`);
      }
      console.log(`${ended.rows.done} rows, ${ended.rows.failed} of them with an error: ${output}`);
      // the results are there, but not of every row: a script must not take them for whole
      if (ended.rows.failed > 0) process.exitCode = rowsFailedCode;
    });
}

async function follow(info: StackFile, submitted: Job): Promise<Job> {
  let current = submitted;
  console.error(`batch job ${current.jobId}`);
  while (current.status === 'running' || current.status === 'assembling') {
    await wait(pollMs);
    current = await callService(info, job, { ...asClient, path: `/v1/batch-jobs/${current.jobId}` });
    console.error(progressLine(current));
  }
  return current;
}

function progressLine({ rows, rowsPerSecond, secondsLeft, acceptedAt, endedAt }: Job): string {
  const done = `${rows.done} of ${rows.total ?? '?'} rows`;
  if (endedAt === null) return `${done}, ${rowsPerSecond ?? '?'} per second, ${secondsLeft ?? '?'} s left`;
  const seconds = (Date.parse(endedAt) - Date.parse(acceptedAt)) / 1000;
  return `${done} in ${Math.ceil(seconds)} s, ${Math.round(rows.done / Math.max(seconds, 0.001))} per second`;
}

async function download(info: StackFile, { jobId }: Job, output: string): Promise<void> {
  const { url } = info.services.serving;
  const response = await fetch(`${url}/v1/batch-jobs/${jobId}/result`, { headers: { authorization: `Bearer ${info.keys.client}` } });
  if (!response.ok || !response.body) throw new CommandError(`serving answered ${response.status} for the results of ${jobId}`);
  await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(callersFile(output)));
}
