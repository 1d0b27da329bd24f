import type { Migration } from './index.ts'

/** What reading the history of checks, and forgetting it, needs beside the primary keys. */
export const checkHistory: Migration = {
  name: '0009-check-history',
  statements: [
    // Failures are what people look for and what is rare: without this, a page of them reads every check that was up.
    `CREATE INDEX checks_not_up ON checks (organization_id, monitor_id, status, checked_at DESC, id DESC)
      WHERE status <> 'up'`,
    // For retention, which asks for what is old whoever it belongs to, and for the checks that an organization has used in
    // a month. By an expression, so that they are never taken for the last hours of one monitor: where statistics lag
    // behind, the planner takes those for a handful of rows, and would read every monitor's.
    ...['hourly', 'daily'].map(
      (grain) =>
        `CREATE INDEX check_rollups_${grain}_by_start ON check_rollups_${grain} ((starts_at AT TIME ZONE 'UTC'))`,
    ),
    `CREATE INDEX check_rollups_daily_by_organization
      ON check_rollups_daily (organization_id, (starts_at AT TIME ZONE 'UTC'))`,
  ],
}
