import type { MonitorStatus } from '@owlery/spec'

/** What one region found. */
export type Vote = { readonly status: MonitorStatus; readonly errorMessage: string | null }

/** Down is what most regions say; degraded what some of them do. One region is the most of itself. */
export function consensusOf(local: Vote, others: readonly Vote[]): Vote {
  const votes = [local, ...others]
  const down = votes.filter(({ status }) => status === 'down')
  const troubled = votes.find(({ status }) => status !== 'up')
  if (down.length * 2 > votes.length) return { status: 'down', errorMessage: down[0]?.errorMessage ?? null }
  if (troubled !== undefined) return { status: 'degraded', errorMessage: troubled.errorMessage }
  return local
}

export type Before = {
  readonly lastStatus: MonitorStatus | null
  readonly consecutiveFailures: number
  readonly alertThreshold: number
  readonly alertOnDegraded: boolean
  /** What the open incident says, if there is one. */
  readonly openIncident: 'down' | 'degraded' | null
  /** In maintenance, for one: a failure leads nowhere then. */
  readonly isUncounted: boolean
}

export type After = {
  readonly status: MonitorStatus
  readonly consecutiveFailures: number
  /** Whether somebody is told of a change; the first result is none. */
  readonly isChange: boolean
  readonly incident: 'open' | 'worsen' | 'resolve' | 'leave'
}

/** From a result to what follows from it. */
export function transition(before: Before, { status }: Vote): After {
  const { lastStatus, alertThreshold, openIncident, isUncounted } = before
  const isBad = status === 'down' || (status === 'degraded' && before.alertOnDegraded)
  const isChange = lastStatus !== null && lastStatus !== status
  // A good result ends an incident, in maintenance too: whoever was told that it began is told that it is over.
  if (!isBad) return { status, consecutiveFailures: 0, isChange, incident: openIncident ? 'resolve' : 'leave' }
  // Counting begins anew afterwards.
  if (isUncounted) return { status, consecutiveFailures: 0, isChange, incident: 'leave' }
  const consecutiveFailures = before.consecutiveFailures + 1
  const opens = openIncident === null && consecutiveFailures >= alertThreshold
  // An incident tells of the worst there was, so it is never made better than it was before its end.
  const worsens = openIncident === 'degraded' && status === 'down'
  return { status, consecutiveFailures, isChange, incident: opens ? 'open' : worsens ? 'worsen' : 'leave' }
}
