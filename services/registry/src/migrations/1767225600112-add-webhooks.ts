import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses outside that are told of events, and every message to them. */
export class AddWebhooks implements MigrationInterface {
  readonly name = 'AddWebhooks1767225600112';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhooks (
        webhook_id uuid primary key,
        name text not null unique,
        url text not null,
        events text[] not null,
        models text[] not null,
        is_enabled boolean not null,
        secrets jsonb not null,
        created_by text not null,
        created_at timestamptz not null
      )`);
    await runner.query(`
      create table webhook_deliveries (
        delivery_id uuid primary key,
        webhook_id uuid not null references webhooks (webhook_id) on delete cascade,
        message_id text not null,
        message_type text not null,
        model_name text not null,
        body text not null,
        status text not null check (status in ('pending', 'delivered', 'given-up')),
        attempts int not null,
        next_at timestamptz not null,
        last_answer text,
        created_at timestamptz not null,
        settled_at timestamptz,
        unique (webhook_id, message_id)
      )`);
    await runner.query("create index webhook_deliveries_due on webhook_deliveries (next_at) where status = 'pending'");
    await runner.query('create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, delivery_id)');
    await runner.query("create index webhook_deliveries_settled on webhook_deliveries (settled_at) where status = 'delivered'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table webhook_deliveries, webhooks');
  }
}
