import type { MonitorStatus } from '@owlery/spec'

/** Something that a failing monitor depends on. */
export type Parent = {
  readonly incidentId: number | null
  readonly isPaused: boolean
  readonly isHeartbeat: boolean
  readonly lastStatus: MonitorStatus | null
  readonly consecutiveFailures: number
  /** When it was last looked at, or heard from. */
  readonly seenAt: Date | null
  /** When it is looked at next; of a heartbeat, when it is late. */
  readonly looksAt: Date | null
}

export type Failure = {
  /** The first failure that could be an alert, or a later one: what is seen of its parents after it counts. */
  readonly failedAt: Date
  /** How many there were beyond the threshold. */
  readonly failuresOver: number
  readonly now: Date
}

/** `wait`: some of its parents may turn out to be down. `hold`: one of them is, and in maintenance. */
export type Suppression<P extends Parent> =
  | { readonly kind: 'open'; readonly suppressedById: number | null }
  | { readonly kind: 'wait'; readonly unsettled: readonly P[] }
  | { readonly kind: 'hold' }

// Of parents that never settle nobody could say how long it takes; ten is the highest threshold that one can have.
const mostWaits = 10
// An alert may come this much later for a heartbeat that is late by then, but not for one that nobody expects yet.
const mostHeartbeatWaitMs = 3 * 60_000

/**
 * Whether the alert of a failing monitor is that of something it depends on. A first alert that names the wrong thing
 * is worse than one a moment later. What is paused says nothing: nobody looks whether it is still down.
 */
export function suppressionOf<P extends Parent>(parents: readonly P[], failure: Failure): Suppression<P> {
  const watched = parents.filter(({ isPaused }) => !isPaused)
  const down = watched.find(({ incidentId }) => incidentId !== null)
  if (down !== undefined) return { kind: 'open', suppressedById: down.incidentId }
  if (watched.some(isDownInMaintenance)) return { kind: 'hold' }
  const unsettled = failure.failuresOver < mostWaits ? watched.filter((parent) => isUnsettled(parent, failure)) : []
  return unsettled.length === 0 ? { kind: 'open', suppressedById: null } : { kind: 'wait', unsettled }
}

/** Its failure is not counted: because of maintenance, its own or that of what it depends on in turn. */
function isDownInMaintenance({ lastStatus, consecutiveFailures }: Parent): boolean {
  return lastStatus === 'down' && consecutiveFailures === 0
}

function isUnsettled(
  { consecutiveFailures, seenAt, isHeartbeat, looksAt }: Parent,
  { failedAt, now }: Failure,
): boolean {
  if (consecutiveFailures > 0) return true
  if (seenAt !== null && seenAt >= failedAt) return false
  return !isHeartbeat || (looksAt !== null && looksAt.getTime() - now.getTime() <= mostHeartbeatWaitMs)
}

export type Suppressed = {
  readonly suppressedById: number
  readonly checkedAt: Date
  readonly intervalSec: number
  readonly alertThreshold: number
}

const graceSec = 60

/**
 * What suppresses the incident of a monitor that still fails; null when nobody else can be blamed any more. After the
 * end of what it was blamed on it has as many checks as it always has to come back, and a moment to start.
 */
export function suppressionAfter(
  { suppressedById, checkedAt, intervalSec, alertThreshold }: Suppressed,
  parents: readonly Parent[],
  endedAt: Date | null,
): number | null {
  if (parents.some(({ incidentId }) => incidentId === suppressedById)) return suppressedById
  const watched = parents.filter(({ isPaused }) => !isPaused)
  const down = watched.find(({ incidentId }) => incidentId !== null)
  if (down !== undefined) return down.incidentId
  if (watched.some(({ lastStatus, consecutiveFailures }) => lastStatus === 'down' || consecutiveFailures > 0)) {
    return suppressedById
  }
  const patienceSec = (alertThreshold - 1) * intervalSec + Math.min(intervalSec, graceSec)
  const isPatient = endedAt !== null && checkedAt.getTime() - endedAt.getTime() < patienceSec * 1000
  return isPatient ? suppressedById : null
}
