import { names, type Story } from '../story.js';
import { waitFor } from '../wait-for.js';
import { hold, type Step } from './step.js';

export interface Run {
  readonly runId: string;
  readonly status: string;
  readonly reason?: string;
  readonly datasetVersion: string;
  readonly metrics?: Record<string, number>;
  readonly result?: {
    metrics: Record<string, number>;
    champion?: { version: number; metrics: Record<string, number> };
    artifactDigest: string;
  };
}

/** Waits for the pipeline's next succeeded run that the story has not seen yet. */
export async function nextRun(story: Story, pipelineName: string, seen: readonly string[], timeoutMs: number): Promise<Run> {
  return waitFor(
    `a succeeded run of ${pipelineName}`,
    async () => {
      const { items } = await story.training.get<{ items: Run[] }>(`/v1/runs?pipeline=${pipelineName}`);
      const failed = items.find((run) => run.status === 'failed' && !seen.includes(run.runId));
      hold(!failed, `run ${failed?.runId} failed: ${failed?.reason}`);
      return items.find((run) => run.status === 'succeeded' && !seen.includes(run.runId));
    },
    timeoutMs,
  );
}

/** Waits until the registry has made a version of the run. */
export async function versionOf(story: Story, runId: string): Promise<number> {
  return waitFor(`the registry to register run ${runId}`, async () => {
    const page = await story.registry.find<{ items: { version: number; runId?: string }[] }>(`/v1/models/${names.model}/versions`);
    return page?.items.find((version) => version.runId === runId)?.version;
  });
}

export const train: Step = {
  name: 'train',
  title: 'Publication triggers training',
  async run(story) {
    const run = await nextRun(story, names.pipeline, [], 90_000);
    const metrics = run.metrics ?? run.result?.metrics ?? {};
    hold(run.datasetVersion === story.fact('datasetVersion'), 'the run did not train on the published dataset version');
    hold((metrics['auc'] ?? 0) > 0.65, `the hold-out AUC is ${metrics['auc']}`);
    const version = await versionOf(story, run.runId);
    story.facts.set('firstRun', run.runId);
    story.facts.set('firstVersion', String(version));
    return `run ${run.runId.slice(0, 13)} on the published version, AUC ${metrics['auc']!.toFixed(3)} on the later hold-out, registered as version ${version}`;
  },
};
