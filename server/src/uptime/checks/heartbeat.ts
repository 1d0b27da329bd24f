import { alive, type CheckedMonitor, dead, type Finding } from './check.ts'

type Heartbeat = {
  readonly lastReceivedAt: Date | null
  /** What was in the schedule: the deadline as it was known then, which for the first beat counts from the creation. */
  readonly due: Date
}

type Judgement = { readonly finding: Finding; readonly nextCheckAt: Date | undefined }

/** Turned round: nothing is called, and silence is the failure. A beat that came moves the deadline. */
export function judgeHeartbeat(
  monitor: Pick<CheckedMonitor, 'intervalSec' | 'heartbeatGraceSec'>,
  { lastReceivedAt, due }: Heartbeat,
  now: Date,
): Judgement {
  const deadline = lastReceivedAt === null ? due : new Date(lastReceivedAt.getTime() + patienceMs(monitor))
  if (deadline <= now) return { finding: dead('no heartbeat was received in time'), nextCheckAt: undefined }
  const finding = { ...alive({ degradedResponseTimeMs: null }, { responseTimeMs: 0 }), responseTimeMs: null }
  return { finding, nextCheckAt: deadline }
}

function patienceMs({ intervalSec, heartbeatGraceSec }: Pick<CheckedMonitor, 'intervalSec' | 'heartbeatGraceSec'>) {
  return (intervalSec + heartbeatGraceSec) * 1000
}
