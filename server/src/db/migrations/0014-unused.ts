import type { Migration } from './index.ts'

/** What was laid out for the checks and never came into use. */
export const unused: Migration = {
  name: '0014-unused',
  statements: [
    `ALTER TABLE monitor_states DROP COLUMN opened_at`,
    `DROP FUNCTION add_histograms(integer[], integer[])`,
  ],
}
