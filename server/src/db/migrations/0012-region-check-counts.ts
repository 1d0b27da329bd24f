import type { Migration } from './index.ts'

/** How many checks the agents of other regions have made: a plan's month counts each of them. */
export const regionCheckCounts: Migration = {
  name: '0012-region-check-counts',
  statements: [
    // Uptime and its rollups are made of the local checks alone, so these are counted for themselves. `starts_at` is the
    // beginning of a month in UTC. It refers to no other table: a check of a monitor that is gone was work all the same,
    // and the row is written last, where waiting for somebody's lock would have others wait.
    `CREATE TABLE region_check_counts (
      organization_id integer NOT NULL,
      starts_at timestamptz NOT NULL,
      checks bigint NOT NULL,
      PRIMARY KEY (organization_id, starts_at)
    ) WITH (fillfactor = 80)`,
    `CREATE INDEX region_check_counts_by_start ON region_check_counts (starts_at)`,
  ],
}
