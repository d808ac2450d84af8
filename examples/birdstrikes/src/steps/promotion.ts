import { ProblemError } from '../client.js';
import { names, type Story } from '../story.js';
import { waitFor } from '../wait-for.js';
import { hold } from './step.js';

interface Gate {
  readonly gate: string;
  readonly outcome: 'pass' | 'fail';
  readonly reasons: readonly string[];
}
export interface Promotion {
  readonly promotionId: string;
  readonly status: string;
  readonly gates: readonly Gate[];
}
export interface Rollout {
  readonly rolloutId: string;
  readonly promotionId: string;
  readonly status: string;
  readonly percent: number;
  /** Everything that happened to it, oldest first. */
  readonly steps: readonly { move: string; percent: number; reasons: readonly string[] }[];
}

/** Asks for production as a data scientist. */
export function requestPromotion(story: Story, version: number, override?: { reason: string }): Promise<Promotion> {
  return story.registry.post<Promotion>(`/v1/models/${names.model}/versions/${version}/promotions`, {
    environment: 'production',
    ...(override ? { override } : {}),
  });
}

/** The requester tries to approve and is refused; then another identity approves. */
export async function approve(story: Story, promotionId: string, reason: string): Promise<void> {
  const approval = await waitFor(`an approval to open for promotion ${promotionId}`, async () => {
    const { items } = await story.approvals.get<{ items: { approvalId: string; promotionId: string }[] }>('/v1/approvals?status=pending');
    return items.find((item) => item.promotionId === promotionId);
  });
  const vote = { decision: 'grant', reason };
  const own = await story.requesterApprovals.post(`/v1/approvals/${approval.approvalId}/votes`, vote).then(
    () => 'accepted',
    (error) => (error instanceof ProblemError && error.status === 403 ? 'refused' : Promise.reject(error)),
  );
  hold(own === 'refused', 'the requester could approve the own promotion');
  await story.approvals.post(`/v1/approvals/${approval.approvalId}/votes`, vote);
}

/** Why the rollout came to where it is. */
export const lastReasons = (rollout: Rollout | undefined): string => rollout?.steps.at(-1)?.reasons.join('; ') ?? 'no reason given';

/** The rollout of a promotion, once serving has made one. */
export async function findRollout(story: Story, promotionId: string): Promise<Rollout | undefined> {
  const { items } = await story.operatorServing.get<{ items: Rollout[] }>(`/v1/rollouts?model=${names.model}`);
  const found = items.find((rollout) => rollout.promotionId === promotionId);
  return found && story.operatorServing.get<Rollout>(`/v1/rollouts/${found.rolloutId}`);
}

/** Waits until the champion alias of production points at the version. */
export async function waitForChampion(story: Story, version: number): Promise<void> {
  await waitFor(`the champion alias to move to version ${version}`, async () => {
    const { items } = await story.registry.get<{ items: { alias: string; environment: string; version: number }[] }>(
      `/v1/models/${names.model}/aliases`,
    );
    return items.some((item) => item.alias === 'champion' && item.environment === 'production' && item.version === version);
  });
}
