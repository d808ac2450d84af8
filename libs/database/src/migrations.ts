import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';

export type MigrationClass = new () => MigrationInterface;

const table = 'migrations';

function nameOf(migration: MigrationClass): string {
  return new migration().name ?? migration.name;
}

/** Names of migrations the schema does not have yet, in the order of the list. */
export async function pendingMigrations(
  source: Pick<DataSource | QueryRunner, 'query'>,
  migrations: readonly MigrationClass[],
): Promise<string[]> {
  const [{ exists }] = (await source.query(`select to_regclass(current_schema() || '.${table}') is not null as exists`)) as [
    { exists: boolean },
  ];
  const applied = exists ? await appliedNames(source) : new Set<string>();
  return migrations.map(nameOf).filter((name) => !applied.has(name));
}

/** Applies what is missing, each migration in a transaction of its own, in the order of the list. */
export async function applyMigrations(runner: QueryRunner, migrations: readonly MigrationClass[]): Promise<string[]> {
  await runner.query(`create table if not exists ${table} (name text primary key, applied_at timestamptz not null default now())`);
  const applied = await appliedNames(runner);
  const done: string[] = [];
  for (const migration of migrations) {
    const name = nameOf(migration);
    if (applied.has(name)) continue;
    await runner.startTransaction();
    try {
      await new migration().up(runner);
      await runner.query(`insert into ${table} (name) values ($1)`, [name]);
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction();
      throw new Error(`migration ${name} failed`, { cause: error });
    }
    done.push(name);
  }
  return done;
}

async function appliedNames(source: Pick<DataSource | QueryRunner, 'query'>): Promise<Set<string>> {
  const rows = (await source.query(`select name from ${table}`)) as { name: string }[];
  return new Set(rows.map(({ name }) => name));
}
