/** Place of a version in its life cycle. */
export type Stage = 'candidate' | 'staging' | 'production' | 'archived';
/** Where a promotion stands. */
export type PromotionStatus = 'requested' | 'waiting' | 'approved' | 'completed' | 'rolled-back' | 'aborted' | 'refused';

const stageMoves: Record<Stage, readonly Stage[]> = {
  candidate: ['staging', 'production', 'archived'],
  staging: ['candidate', 'production', 'archived'],
  // a champion leaves production by being followed, never by being archived
  production: ['candidate', 'staging'],
  archived: [],
};

const statusMoves: Record<PromotionStatus, readonly PromotionStatus[]> = {
  requested: ['waiting', 'approved', 'refused'],
  waiting: ['approved', 'refused'],
  approved: ['completed', 'rolled-back', 'aborted'],
  completed: [],
  'rolled-back': [],
  aborted: [],
  refused: [],
};

export function canMoveStage(from: Stage, to: Stage): boolean {
  return stageMoves[from].includes(to);
}

export function canMoveStatus(from: PromotionStatus, to: PromotionStatus): boolean {
  return statusMoves[from].includes(to);
}

/** True while a promotion keeps others of its model and environment waiting. */
export function isOpen(status: PromotionStatus): boolean {
  return statusMoves[status].length > 0;
}
