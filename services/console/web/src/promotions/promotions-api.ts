export interface Gate {
  readonly gate: string;
  readonly outcome: 'pass' | 'fail';
  readonly reasons: readonly string[];
  readonly margin?: number;
}
export interface Requirement {
  readonly role: string;
  readonly count: number;
}
/** Of governance: who has said what. */
export interface Approval {
  readonly approvalId: string;
  readonly promotionId: string;
  readonly modelName: string;
  readonly version: number;
  readonly environment: string;
  readonly requestedBy: string;
  readonly status: 'pending' | 'granted' | 'denied' | 'closed';
  readonly openedAt: string;
  readonly expiresAt?: string;
  readonly gates: readonly Gate[];
  readonly override?: { readonly by: string; readonly reason: string };
  readonly requirements: readonly Requirement[];
  readonly missing: readonly string[];
  readonly votes: readonly {
    readonly voter: string;
    readonly roles: readonly string[];
    readonly decision: 'grant' | 'deny';
    readonly reason: string;
    readonly votedAt: string;
  }[];
}
/** Of the registry: what was asked and what became of it. */
export interface Promotion {
  readonly promotionId: string;
  readonly modelName: string;
  readonly version: number;
  readonly environment: string;
  readonly status: string;
  readonly requestedBy: string;
  readonly gates: readonly Gate[];
  readonly decision: { readonly gates: readonly Gate[]; readonly championVersion: number | null; readonly policyRevision: number } | null;
  readonly override: { readonly by: string; readonly reason: string } | null;
  readonly championVersion: number | null;
  readonly rolloutId: string | null;
  readonly policyRevision: number | null;
  readonly reasons: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
}
export interface Listed<Item> {
  readonly items: readonly Item[];
}

/** Who has to say yes: `2 approver, 1 operator`. */
export function requirementText(requirements: readonly Requirement[]): string {
  return requirements.length === 0 ? 'nobody' : requirements.map(({ role, count }) => `${count} ${role}`).join(', ');
}
