import type { Finding } from '../checks/check.ts'
import type { Held } from './claims.store.ts'

/** What a claimed monitor's check found, on its way into the database. */
export type CheckedClaim = Held & {
  readonly checkedAt: Date
  readonly finding: Finding
  /** What a heartbeat was judged by: one that came meanwhile makes the judgement void. */
  readonly heartbeatSeen: Date | null
  /** Instead of the next slot of the schedule. */
  readonly nextCheckAt: Date | undefined
}
