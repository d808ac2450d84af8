import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadGenerator, LoadOrder, LoadResult } from './load.js';

/** What the script prints behind the words of wrk itself; times in microseconds. */
interface Summary {
  readonly requests: number;
  readonly duration: number;
  /** Answered 400 or above. */
  readonly refused: number;
  /** Connections that failed, and answers that did not come. */
  readonly broken: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the generator, in seconds. */
  readonly cpu: number;
}

const marker = 'summary: ';

/**
 * The load generator `wrk`: a third of the processor time per request of one in Node, which counts where generator and servers
 * share the cores. Whole seconds; without a warm-up, since it tells no more than the whole.
 */
export class Wrk implements LoadGenerator {
  private readonly scripts = new Map<readonly Uint8Array[], string>();

  private constructor(private readonly folder: string) {}

  /** Undefined where `wrk` is not on the PATH. `folder` takes what is sent. */
  static find(folder: string): Wrk | undefined {
    return spawnSync('wrk', ['--version'], { stdio: 'ignore' }).error ? undefined : new Wrk(folder);
  }

  async run({ ports, requests, connections, durationMs }: LoadOrder): Promise<LoadResult> {
    const seconds = Math.max(1, Math.round(durationMs / 1_000));
    const args = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--script', this.scriptOf(requests)];
    const child = spawn('wrk', [...args, `http://127.0.0.1:${ports[0]}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(child, 'close');
    const line = text.split('\n').find((each) => each.startsWith(marker));
    if (line === undefined) throw new Error(`wrk ended without a summary:\n${text}`);
    const { requests: answered, duration, refused, broken, p50, p99, cpu } = JSON.parse(line.slice(marker.length)) as Summary;
    if (refused + broken > 0) throw new Error(`of ${answered} requests, ${refused} were refused and ${broken} got no answer`);
    return {
      answered,
      failed: 0,
      firstFailure: '',
      seconds: duration / 1e6,
      answeredInAll: answered,
      p50Ms: p50 / 1e3,
      p99Ms: p99 / 1e3,
      generatorLoad: cpu / (duration / 1e6),
    };
  }

  /** A script that sends the requests in turn, each behind its length in a file. */
  private scriptOf(requests: readonly Uint8Array[]): string {
    const known = this.scripts.get(requests);
    if (known !== undefined) return known;
    const base = join(this.folder, `wrk-${this.scripts.size}`);
    writeFileSync(`${base}.requests`, Buffer.concat(requests.flatMap((request) => [Buffer.from(`${request.length}\n`), request])));
    writeFileSync(`${base}.lua`, luaOf(`${base}.requests`));
    this.scripts.set(requests, `${base}.lua`);
    return `${base}.lua`;
  }
}

function luaOf(file: string): string {
  return `local all = {}
local file = assert(io.open(${JSON.stringify(file)}, 'rb'))
for line in function() return file:read('*l') end do all[#all + 1] = file:read(tonumber(line)) end
file:close()
local nextOne = 0
request = function()
  nextOne = nextOne % #all + 1
  return all[nextOne]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('${marker}{"requests":%d,"duration":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d,"cpu":%f}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99), os.clock()))
end
`;
}
