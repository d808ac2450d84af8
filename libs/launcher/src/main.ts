import { join } from 'node:path';
import { rememberedServers, ServerMismatch } from './claim-servers.js';
import { type DataDirectory, setDataAside } from './data-directory.js';
import { type Example, exampleState, playExample, readSteps, removeSteps, type Step, writeReport } from './example.js';
import { type LauncherOptions, OptionError, readOptions, usage } from './options.js';
import { settingsIn } from './own-settings.js';
import { keyRoles } from './secrets-file.js';
import { readDatabaseUrl, readNatsUrl } from './server-urls.js';
import { AlreadyRunning, type Stack, startStack } from './stack.js';
import { typedCommand } from './typed-command.js';
import { watchParent } from './watch-parent.js';

const out = (text: string) => process.stdout.write(`${text}\n`);

function printAddresses({ info, directory, timings }: Stack): void {
  out(`\nready after ${(timings.ready / 1000).toFixed(1)} s\n`);
  out(`  console      ${info.console.url}`);
  for (const [name, { urls, grpcUrls }] of Object.entries(info.services))
    out(`  ${name.padEnd(12)} ${[...urls, ...(grpcUrls ?? []).map((url) => `${url} (gRPC)`)].join('  ')}`);
  out('');
  for (const role of keyRoles) out(`  key of ${role.padEnd(10)} ${info.keys[role]}`);
  out(`\n  all of this is also in ${join(directory.dir, 'stack.json')}\n`);
}

/** Decides whether the example is to be played here; an unfinished one begins again with fresh data. */
function prepareExample(options: LauncherOptions, directory: DataDirectory): boolean {
  const state = exampleState(directory);
  if (state === undefined) return true;
  if (state === 'played' && !options.once) {
    out(`the example has been played here; to play it again type: ${typedCommand('reset', directory.dir)}`);
    return false;
  }
  if (Object.keys(rememberedServers(directory)).length > 0) {
    throw new ServerMismatch(
      `an earlier example was ${state === 'playing' ? 'interrupted' : state} here, and its data is on your servers. To begin again with none, type: ${typedCommand('reset', directory.dir)}   or start without the example: npm start -- --empty`,
    );
  }
  out(`an earlier example was ${state === 'playing' ? 'interrupted' : state}; its data is kept in ${setDataAside(directory)}`);
  removeSteps(directory);
  return true;
}

function report(options: LauncherOptions, launcherSteps: readonly Step[], example?: Example): void {
  if (options.report === undefined) return;
  writeReport(options.report, [...launcherSteps, ...(example ? readSteps(example.stepsFile) : [])]);
}

async function run(options: LauncherOptions): Promise<number> {
  const abort = new AbortController();
  const interrupted = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve()));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
  watchParent(() => abort.abort());

  let play = false;
  const { NATS_URL: natsUrl, DATABASE_URL: databaseUrl } = process.env;
  const startedAt = performance.now();
  let stack: Stack;
  try {
    stack = await startStack({
      dataDir: options.data,
      firstPort: options.port,
      replicas: options.replicas,
      ...(options.environments ? { environments: options.environments } : {}),
      env: settingsIn(process.env),
      ...(natsUrl ? { natsUrl: readNatsUrl(natsUrl) } : {}),
      ...(databaseUrl ? { databaseUrl: readDatabaseUrl(databaseUrl) } : {}),
      prepare: (directory) => {
        play = !options.empty && prepareExample(options, directory);
      },
      tell: out,
      signal: abort.signal,
    });
  } catch (error) {
    if (abort.signal.aborted) return 130;
    report(options, [{ name: 'start', ok: false, ms: Math.round(performance.now() - startedAt), detail: (error as Error).message }]);
    throw error;
  }
  printAddresses(stack);
  const started: Step = { name: 'start', ok: true, ms: stack.timings.ready, detail: `${stack.processes().length} processes are ready` };
  let held = true;
  let example: Example | undefined;
  try {
    if (play) {
      example = playExample(stack.directory);
      stack.note('example', example.process);
      held = await Promise.race([example.finished, interrupted.then(() => false)]);
      report(options, [started], example);
      if (!abort.signal.aborted) out(held ? '\nevery step of the example held' : '\na step of the example failed');
    }
    if (!options.once && !abort.signal.aborted) {
      out('press Ctrl-C to stop');
      const heartbeat = setInterval(() => {}, 60_000); // the children alone do not keep us alive
      await interrupted;
      clearInterval(heartbeat);
    }
  } finally {
    out('stopping');
    await example?.stop();
    await stack.stop();
  }
  out('stopped');
  if (options.once) return held ? 0 : 1;
  return 0;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    out(usage);
    process.exit(0);
  }
  process.exit(await run(options));
} catch (error) {
  const expected = [OptionError, AlreadyRunning, ServerMismatch].some((kind) => error instanceof kind);
  process.stderr.write(`${expected || !(error instanceof Error) ? (error as Error).message : `could not start: ${error.message}`}\n`);
  process.exit(error instanceof OptionError ? 2 : 1);
}
