import type { Migration } from './index.ts'

/** What the dispatcher keeps of its own, apart from what callers write, so that the two do not wait for each other. */
export const webhooks: Migration = {
  name: '0007-webhooks',
  statements: [
    `ALTER TABLE webhook_subscriptions
      DROP COLUMN consecutive_failures,
      DROP COLUMN last_delivery_at,
      DROP COLUMN last_delivery_status,
      DROP COLUMN last_delivery_status_code`,
    // One row per subscription. Whoever plans, sends or reschedules its deliveries holds this row first.
    // due_at: when the next delivery may go; null when none waits. away_until: the receiver gave no answer, so nothing
    // goes before. claimed_until and lease: the worker that sends now; another one takes over once it is past.
    `CREATE TABLE webhook_queues (
      subscription_id integer PRIMARY KEY REFERENCES webhook_subscriptions ON DELETE CASCADE,
      due_at timestamptz,
      away_until timestamptz,
      claimed_until timestamptz,
      lease integer NOT NULL DEFAULT 0,
      consecutive_failures integer NOT NULL DEFAULT 0,
      last_delivery_at timestamptz,
      last_delivery_status text CONSTRAINT webhook_queues_status_known
        CHECK (last_delivery_status IN ('pending', 'delivered', 'failed', 'dead')),
      last_delivery_status_code integer
    ) WITH (fillfactor = 80)`,
    `INSERT INTO webhook_queues (subscription_id) SELECT id FROM webhook_subscriptions`,
    `CREATE INDEX webhook_queues_due ON webhook_queues (due_at) WHERE due_at IS NOT NULL`,

    // Nothing has written deliveries before, so the columns need no values for old rows.
    // Of the unfinished deliveries with one subject only the first has a next_attempt_at: the others wait for it.
    `ALTER TABLE webhook_deliveries
      ADD COLUMN subject text NOT NULL,
      ADD COLUMN occurred_at timestamptz NOT NULL`,
    `DROP INDEX webhook_deliveries_due`,
    `CREATE INDEX webhook_deliveries_first ON webhook_deliveries (subscription_id, occurred_at, id)
      WHERE status IN ('pending', 'failed') AND next_attempt_at IS NOT NULL`,
    `CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (subscription_id, subject, occurred_at, id)
      WHERE status IN ('pending', 'failed')`,
    `CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at)`,
  ],
}
