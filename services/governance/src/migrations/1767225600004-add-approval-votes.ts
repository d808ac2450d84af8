import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Several people of several roles may have to say yes; every vote stays. */
export class AddApprovalVotes1767225600004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE approval_votes (
        vote_id uuid PRIMARY KEY,
        approval_id uuid NOT NULL REFERENCES approvals (id),
        voter text NOT NULL,
        roles text[] NOT NULL,
        decision text NOT NULL CHECK (decision IN ('grant', 'deny')),
        reason text NOT NULL,
        voted_at timestamptz NOT NULL,
        UNIQUE (approval_id, voter)
      );
      INSERT INTO approval_votes (vote_id, approval_id, voter, roles, decision, reason, voted_at)
        SELECT gen_random_uuid(), id, decided_by, '{approver}', CASE status WHEN 'granted' THEN 'grant' ELSE 'deny' END, coalesce(reason, ''), decided_at
        FROM approvals WHERE status IN ('granted', 'denied') AND decided_by IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE approval_votes');
  }
}
