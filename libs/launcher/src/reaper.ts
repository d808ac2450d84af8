import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isSameProcess, startOf } from './process-identity.js';

/** A child as noted in the file of processes: first services end, then the servers they need. */
export interface NotedProcess {
  pid: number;
  stage: 1 | 2;
  signal: 'TERM' | 'INT';
  name: string;
  start: string;
}

// Waits until its input closes, which happens when the launcher ends in whatever way; then ends what is still noted.
// The file is read once, and only if it is still that of our launcher: the next one may be starting already.
const script = `
file="$1"
owner="$2"
shift 2
while read -r _; do :; done
noted=$(cat "$file" 2>/dev/null)
each() { printf '%s\n' "$noted" | while read -r pid stage signal rest; do [ "$stage" = "$1" ] && "$2"; done; }
ask() { kill -s "$signal" "$pid" 2>/dev/null; }
tell_alive() { kill -0 "$pid" 2>/dev/null && echo "$pid"; }
end() { kill -s KILL -- "-$pid" 2>/dev/null; kill -s KILL "$pid" 2>/dev/null; }
case "$noted" in
"$owner owner"*)
  for now in 1 2; do
    each "$now" ask
    i=0
    while [ -n "$(each "$now" tell_alive)" ] && [ "$i" -lt 40 ]; do sleep 0.25; i=$((i+1)); done
    each "$now" end
  done ;;
esac
[ "$#" -gt 0 ] && rm -rf -- "$@"
`;

/** Keeps the file of running children, and a small shell beside us that ends them when we cannot. */
export class Reaper {
  private readonly noted = new Map<number, NotedProcess>();
  private shell: ChildProcess | undefined;
  /** Ours alone: the same process may start another stack on this file while our shell is still going. */
  private readonly owner = randomUUID();

  /** @param removed folders that go with us */
  constructor(
    private readonly file: string,
    private readonly removed: readonly string[] = [],
  ) {}

  start(): void {
    this.write();
    this.shell = spawn('sh', ['-c', script, 'bascule-reaper', this.file, this.owner, ...this.removed], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    });
    this.shell.stdin?.on('error', () => {});
    this.shell.unref();
    (this.shell.stdin as unknown as { unref?: () => void })?.unref?.();
  }

  note(name: string, stage: 1 | 2, signal: 'TERM' | 'INT', child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    this.noted.set(pid, { pid, stage, signal, name, start: startOf(pid) ?? '' });
    this.write();
    child.once('exit', () => {
      this.noted.delete(pid);
      this.write();
    });
  }

  /** Nothing is left to end: the shell may go. */
  stop(): void {
    this.shell?.stdin?.end();
  }

  private write(): void {
    const lines = [...this.noted.values()].map(({ pid, stage, signal, name, start }) => `${pid} ${stage} ${signal} ${name} ${start}\n`);
    writeFileSync(`${this.file}.draft`, [`${this.owner} owner\n`, ...lines].join(''), { mode: 0o600 });
    renameSync(`${this.file}.draft`, this.file);
  }
}

/** The processes a dead launcher noted that are still running. */
export function leftovers(file: string): NotedProcess[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(' owner'))
    .map((line) => {
      const [pid, stage, signal, name, ...start] = line.split(' ');
      return {
        pid: Number(pid),
        stage: Number(stage) as 1 | 2,
        signal: signal as 'TERM' | 'INT',
        name: name ?? '',
        start: start.join(' '),
      };
    })
    .filter(({ pid, start }) => isSameProcess(pid, start));
}

/** Ends what a dead launcher left behind, services first. */
export async function endLeftovers(file: string): Promise<number> {
  const found = leftovers(file);
  for (const stage of [1, 2]) {
    const those = found.filter((process) => process.stage === stage);
    for (const { pid, signal } of those) trySignal(pid, `SIG${signal}`);
    const deadline = Date.now() + 10_000;
    while (those.some(({ pid, start }) => isSameProcess(pid, start)) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    for (const { pid, start } of those) {
      trySignal(-pid, 'SIGKILL');
      if (isSameProcess(pid, start)) trySignal(pid, 'SIGKILL');
    }
  }
  return found.length;
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended meanwhile
  }
}
