import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Seconds that long files took once, by path; others are short. */
const measured = JSON.parse(readFileSync(new URL('./test-seconds.json', import.meta.url), 'utf8')) as Record<string, number>;
const usual = { unit: 0.5, integration: 3, stack: 60 };
/** Each file of e2e runs a whole stack: not more than so many at once, as far as the order can see to it. */
const mostStacks = 2;

interface Planned {
  readonly spec: TestSpecification;
  readonly seconds: number;
  readonly isStack: boolean;
}

/** Starts the longest files first, so that no long one runs alone at the end; unit tests last, project by project. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, maxWorkers } = this.ctx.config;
    const planned = files.map((spec): Planned => {
      const path = relative(root, spec.moduleId).split(sep).join('/');
      const isStack = path.startsWith('e2e/');
      const kind = isStack ? 'stack' : path.endsWith('.int.spec.ts') ? 'integration' : 'unit';
      return { spec, isStack, seconds: measured[path] ?? usual[kind] };
    });
    const isUnit = ({ spec }: Planned) => !/\.(int|e2e)\.spec\.ts$/.test(spec.moduleId);
    const long = planned.filter((file) => !isUnit(file)).sort((a, b) => b.seconds - a.seconds);
    const byProject = Map.groupBy(planned.filter(isUnit), ({ spec }) => spec.project.name);
    const units = [...byProject.values()].sort((a, b) => sum(b) - sum(a)).flatMap((group) => group.sort((a, b) => b.seconds - a.seconds));
    return [...inTurn(long, maxWorkers), ...units].map(({ spec }) => spec);
  }
}

const sum = (files: readonly Planned[]) => files.reduce((total, { seconds }) => total + seconds, 0);

/** The order in which workers take the files when each takes the longest that is left and may run beside the others. */
function inTurn(longestFirst: readonly Planned[], workers: number): Planned[] {
  const left = [...longestFirst];
  const running: { readonly file: Planned; readonly until: number }[] = [];
  const order: Planned[] = [];
  for (let now = 0; left.length > 0; ) {
    if (running.length >= workers) {
      running.sort((a, b) => a.until - b.until);
      now = running.shift()!.until;
    }
    const isFull = running.filter(({ file }) => file.isStack).length >= mostStacks;
    const at = isFull ? left.findIndex(({ isStack }) => !isStack) : 0;
    const [file] = left.splice(Math.max(0, at), 1) as [Planned];
    order.push(file);
    running.push({ file, until: now + file.seconds });
  }
  return order;
}
