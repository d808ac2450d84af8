import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Descriptions, tags and sources; aliases that people move; versions that nobody can change afterwards. */
export class AddDetails implements MigrationInterface {
  readonly name = 'AddDetails1767225600105';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table models
        add column description text not null default '',
        add column tags jsonb not null default '{}'`);
    await runner.query(`
      alter table versions
        add column description text not null default '',
        add column tags jsonb not null default '{}',
        add column source text not null default 'upload' check (source in ('run', 'upload', 'import')),
        add column sequence bigint generated always as identity`);
    await runner.query("update versions set source = 'run' where run_id is not null");
    // a list without a filter walks the first; the others are for what people look for
    await runner.query('create unique index versions_by_sequence on versions (sequence)');
    await runner.query('create index versions_by_stage on versions (stage, sequence)');
    await runner.query('create index versions_by_source on versions (source, sequence)');
    await runner.query('create index versions_by_dataset on versions (dataset_version, sequence) where dataset_version is not null');
    await runner.query('create index versions_by_tags on versions using gin (tags jsonb_path_ops)');
    await runner.query('create index models_by_tags on models using gin (tags jsonb_path_ops)');
    await this.keepVersions(runner);
    await runner.query('alter table aliases alter column promotion_id drop not null, alter column rollout_id drop not null');
    await runner.query(`
      alter table alias_moves
        alter column version drop not null,
        alter column promotion_id drop not null,
        alter column rollout_id drop not null,
        add column moved_by text,
        add column reason text,
        add column evidence jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger versions_immutable on versions');
    await runner.query('drop function versions_immutable()');
    await runner.query('alter table versions drop column description, drop column tags, drop column source, drop column sequence');
    await runner.query('alter table models drop column description, drop column tags');
    await runner.query('delete from alias_moves where rollout_id is null or version is null');
    await runner.query('delete from aliases where rollout_id is null');
    await runner.query('alter table alias_moves drop column moved_by, drop column reason, drop column evidence');
    await runner.query(
      'alter table alias_moves alter column version set not null, alter column promotion_id set not null, alter column rollout_id set not null',
    );
    await runner.query('alter table aliases alter column promotion_id set not null, alter column rollout_id set not null');
  }

  /** A fault in the code must not change what was approved: the table itself refuses. */
  private async keepVersions(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function versions_immutable() returns trigger language plpgsql as $$
      declare
        free constant text[] := array['stage', 'description', 'tags', 'archived_at', 'archived_by', 'archive_reason'];
      begin
        if tg_op = 'DELETE' then
          raise exception 'version % of % cannot be removed', old.version, old.model_name;
        end if;
        if to_jsonb(new) - free is distinct from to_jsonb(old) - free then
          raise exception 'version % of % cannot be changed', old.version, old.model_name;
        end if;
        return new;
      end $$`);
    await runner.query(`
      create trigger versions_immutable before update or delete on versions
        for each row execute function versions_immutable()`);
  }
}
