import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateAuditLog1767225600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_head (
        id boolean PRIMARY KEY DEFAULT true CHECK (id),
        installation_id uuid NOT NULL DEFAULT gen_random_uuid(),
        size bigint NOT NULL DEFAULT 0,
        edge bytea NOT NULL DEFAULT ''
      );
      INSERT INTO audit_head (id) VALUES (true);
      CREATE TABLE audit_entries (
        index bigint PRIMARY KEY,
        event_id text NOT NULL UNIQUE,
        type text NOT NULL,
        subject text NOT NULL,
        time timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        causation_id text,
        correlation_id text,
        stream text NOT NULL,
        stream_sequence bigint NOT NULL,
        size_bytes integer NOT NULL,
        facts text NOT NULL,
        leaf_hash bytea NOT NULL,
        payload bytea,
        salt bytea,
        producer text,
        block_sequence bigint,
        dropped bigint
      );
      CREATE INDEX audit_entries_type ON audit_entries (type, index);
      CREATE INDEX audit_entries_subject ON audit_entries (subject, index);
      CREATE INDEX audit_entries_causation ON audit_entries (causation_id, index) WHERE causation_id IS NOT NULL;
      CREATE INDEX audit_entries_producer ON audit_entries (producer, block_sequence) WHERE producer IS NOT NULL;
      ALTER TABLE audit_entries ALTER payload SET STORAGE EXTERNAL;
      CREATE TABLE audit_nodes (
        level smallint NOT NULL,
        index bigint NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (level, index)
      );
      CREATE TABLE audit_references (
        reference text NOT NULL,
        entry_index bigint NOT NULL,
        role text NOT NULL CHECK (role IN ('defines', 'because', 'mentions')),
        PRIMARY KEY (reference, entry_index, role)
      );
      CREATE TABLE audited_predictions (
        prediction_id uuid PRIMARY KEY,
        model_name text NOT NULL,
        model_version integer NOT NULL,
        client_record_id text,
        entry_index bigint NOT NULL,
        row integer NOT NULL
      );
      CREATE INDEX audited_predictions_record ON audited_predictions (client_record_id, model_name) WHERE client_record_id IS NOT NULL;
      CREATE TABLE checkpoints (
        size bigint PRIMARY KEY,
        root bytea NOT NULL,
        note text NOT NULL,
        signed_at timestamptz NOT NULL
      );
      CREATE TABLE lineage_edges (
        from_id text NOT NULL,
        to_id text NOT NULL,
        entry_index bigint NOT NULL,
        PRIMARY KEY (from_id, to_id)
      );
      CREATE INDEX lineage_edges_to ON lineage_edges (to_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE lineage_edges, checkpoints, audited_predictions, audit_references, audit_nodes, audit_entries, audit_head',
    );
  }
}
