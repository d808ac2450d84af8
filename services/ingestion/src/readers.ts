/** Roles that may read what ingestion knows. */
export const readers = ['client', 'operator', 'scientist', 'approver', 'auditor', 'admin', 'service'] as const;
