import type { AlertRaised } from '@bascule/contracts';

/** Every reason to alert somebody, with how urgent it is. */
export const alertRules = {
  'feature-drift': 'warning',
  'feature-broken': 'critical',
  'performance-degraded': 'critical',
  'canary-failed': 'critical',
  'capture-gap': 'critical',
} as const satisfies Record<string, AlertRaised['data']['severity']>;

export type AlertRule = keyof typeof alertRules;

/** Names one matter: while its alert is open, raising it again changes nothing. */
export interface AlertSubject {
  modelName: string;
  rule: AlertRule;
  key: string;
}
