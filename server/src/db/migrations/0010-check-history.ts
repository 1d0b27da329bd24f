import type { Migration } from './index.ts'

/** What reading the history of checks, and forgetting it, needs beside the primary keys. */
export const checkHistory: Migration = {
  name: '0010-check-history',
  statements: [
    // Failures are what people look for and what is rare: without this, a page of them reads every check that was up.
    `CREATE INDEX checks_not_up ON checks (organization_id, monitor_id, status, checked_at DESC, id DESC)
      WHERE status <> 'up'`,
    // For retention, which asks for what is old whoever it belongs to.
    ...['hourly', 'daily'].map(
      (grain) => `CREATE INDEX check_rollups_${grain}_by_start ON check_rollups_${grain} (starts_at)`,
    ),
    // For the checks that a whole organization has used in a month.
    `CREATE INDEX check_rollups_daily_by_organization ON check_rollups_daily (organization_id, starts_at)`,
  ],
}
