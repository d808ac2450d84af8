/** Events that are told outside; the consumers in `webhook-events` bring them. */
export const toldEvents = [
  'governance.approval.denied.v1',
  'governance.approval.granted.v1',
  'registry.alias.moved.v1',
  'registry.promotion.approved.v1',
  'registry.promotion.refused.v1',
  'registry.promotion.requested.v1',
  'registry.version.refused.v1',
  'registry.version.registered.v1',
  'serving.rollout.aborted.v1',
  'serving.rollout.completed.v1',
  'serving.rollout.rolled-back.v1',
  'serving.rollout.started.v1',
  'training.run.failed.v1',
] as const;
export type ToldEvent = (typeof toldEvents)[number];
