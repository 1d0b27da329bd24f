import type { Migration } from './index.ts'

/** What of a key's points was asked for last: as far as it is above the limit, it did not pass and is not owed. */
export const rateLimitsAsked: Migration = {
  name: '0013-rate-limits-asked',
  statements: [`ALTER TABLE rate_limits ADD COLUMN asked float8 NOT NULL DEFAULT 0`],
}
