import type { Migration } from './index.ts'

/** What alerting has to remember beyond a row per channel, and what lists of incidents and windows are read by. */
export const alerts: Migration = {
  name: '0006-alerts',
  statements: [
    // Who is told is settled once, when the incident opens: a channel that is added later was not told of it.
    `ALTER TABLE incidents ADD COLUMN alerts_planned_at timestamptz`,
    `CREATE INDEX incidents_by_start ON incidents (organization_id, started_at)`,

    // `due_at` is when the next try may begin; `sending_since` marks one that has begun and of which nothing is known
    // yet. `recipient` is an e-mail address, by which mails are put together; `grouped_at` is when one was.
    `ALTER TABLE incident_deliveries ADD COLUMN due_at timestamptz NOT NULL DEFAULT now()`,
    `ALTER TABLE incident_deliveries ADD COLUMN sending_since timestamptz`,
    `ALTER TABLE incident_deliveries ADD COLUMN recipient text`,
    `ALTER TABLE incident_deliveries ADD COLUMN grouped_at timestamptz`,
    `CREATE INDEX incident_deliveries_waiting_mails ON incident_deliveries (recipient, id)
      WHERE status = 'pending' AND recipient IS NOT NULL`,
    `CREATE INDEX incident_deliveries_sent_mails ON incident_deliveries (recipient, finished_at)
      WHERE status = 'sent' AND recipient IS NOT NULL`,
    `CREATE INDEX incident_deliveries_grouped_mails ON incident_deliveries (recipient, grouped_at)
      WHERE grouped_at IS NOT NULL`,

    `CREATE INDEX maintenance_windows_by_id ON maintenance_windows (organization_id, id DESC)`,
  ],
}
