import { IdempotencyTable } from '@bascule/database';
import { OutboxTables } from '@bascule/outbox';
import { CreateAccessApprovalsFreeze1767225600001 } from './1767225600001-create-access-approvals-freeze.js';
import { CreateAuditLog1767225600002 } from './1767225600002-create-audit-log.js';
import { AddKeyLimits1767225600003 } from './1767225600003-add-key-limits.js';
import { AddApprovalVotes1767225600004 } from './1767225600004-add-approval-votes.js';

/** In the order they run. */
export const migrations = [
  OutboxTables,
  IdempotencyTable,
  CreateAccessApprovalsFreeze1767225600001,
  CreateAuditLog1767225600002,
  AddKeyLimits1767225600003,
  AddApprovalVotes1767225600004,
];
