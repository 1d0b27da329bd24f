import type { Kysely } from 'kysely'
import type { Tables } from '../../db/tables.ts'
import type { Services } from '../../services.ts'
import { monitorsInMaintenance, type Span } from '../maintenance-windows.store.ts'
import { readVotes, writeVotes } from '../regions.votes.store.ts'
import {
  announceChange,
  announceOpened,
  announceResolved,
  announceWorsened,
  type Ground,
  type Turn,
} from './announce.ts'
import { type Opening, openIncidents, resolveIncidents, worsenIncidents } from './incidents.store.ts'
import { expedite, type LockedMonitor, lockMonitorStates, type ParentOf, readParents } from './locked.store.ts'
import { addToRollups, type Entry, writeChecks, writeStates } from './record.store.ts'
import { releaseSuppressed } from './release.ts'
import type { CheckedClaim } from './results.ts'
import { judgeTargets } from './slo.ts'
import { suppressionOf } from './suppression.ts'
import { type After, consensusOf, transition, type Vote } from './transitions.ts'

export type Recorder = Pick<Services, 'database' | 'queue' | 'metrics'>

/** A result together with the locked row it belongs to, and what follows from it. */
type Step = {
  readonly monitor: LockedMonitor
  readonly result: CheckedClaim
  readonly vote: Vote
  readonly after: After
  readonly isInMaintenance: boolean
}

/**
 * Writes results and everything that follows from them in one transaction: checks, rollups, states, incidents, and the
 * events that tell of them. Few statements, however many results. Says how many were accepted.
 */
export async function recordResults(recorder: Recorder, checked: readonly CheckedClaim[], now: Date): Promise<number> {
  const begun = performance.now()
  const turns: Turn[] = []
  const recorded = await record(recorder, checked, { now, turns })
  const metrics = recorder.metrics.checks
  metrics.recorded(recorded, (performance.now() - begun) / 1000)
  for (const { change, cause } of turns) metrics.incident(change, cause)
  return recorded
}

function record(
  { database, queue }: Recorder,
  checked: readonly CheckedClaim[],
  { now, turns }: Pick<Ground, 'now' | 'turns'>,
): Promise<number> {
  return database.db.transaction().execute(async (tx) => {
    const ground = { tx, queue, now, turns }
    const steps = await weigh(tx, checked, now)
    if (steps.length === 0) return 0
    const putOff = await open(ground, steps)
    await worsen(ground, steps)
    const entries = steps.map((step) => entryOf(step, putOff.get(step.monitor.monitor_id)))
    await writeStates(tx, entries, now)
    await writeChecks(tx, entries)
    const downToday = await addToRollups(tx, entries)
    const shared = entries.filter((_entry, index) => steps[index]?.monitor.has_regions === true)
    await writeVotes(tx, shared.map(localVoteOf))
    for (const { monitor, vote, after } of steps) {
      if (after.isChange) await announceChange(ground, monitor, vote)
    }
    await resolve(ground, steps)
    await releaseSuppressed(
      ground,
      steps
        .filter(({ after }) => after.consecutiveFailures > 0)
        .map(({ monitor, result }) => ({ monitor, checkedAt: result.checkedAt })),
    )
    await judgeTargets(
      ground,
      steps
        .filter(({ isInMaintenance }) => !isInMaintenance)
        .map(({ monitor, after, result }) => ({
          monitor,
          status: after.status,
          checkedAt: result.checkedAt,
          hasBeenDown: downToday.has(monitor.monitor_id),
        })),
    )
    return steps.length
  })
}

async function weigh(tx: Kysely<Tables>, checked: readonly CheckedClaim[], now: Date): Promise<Step[]> {
  const monitors = await lockMonitorStates(tx, checked)
  const inMaintenance = await monitorsInMaintenance(
    tx,
    checked.map(({ monitorId, checkedAt }) => ({ monitorId, from: checkedAt, to: now })),
  )
  const wereInMaintenance = await monitorsInMaintenance(tx, sinceLastFailures(checked, monitors))
  const votes = await readVotes(
    tx,
    [...monitors.values()].filter(({ has_regions }) => has_regions),
    now,
  )
  return checked.flatMap((result) => {
    const monitor = monitors.get(result.monitorId)
    if (monitor === undefined) return []
    const isInMaintenance = inMaintenance.has(result.monitorId)
    const vote = consensusOf(result.finding, votes.get(result.monitorId) ?? [])
    const { resolved_by_hand_at: resolvedAt } = monitor
    const beginsAnew = resolvedAt !== null || wereInMaintenance.has(result.monitorId)
    const after = transition(
      {
        lastStatus: monitor.last_status,
        consecutiveFailures: beginsAnew ? 0 : monitor.consecutive_failures,
        alertThreshold: monitor.alert_threshold,
        alertOnDegraded: monitor.alert_on_degraded,
        openIncident: monitor.incident_cause,
        // What was on its way when somebody said that it is over cannot say that it is not.
        isUncounted: isInMaintenance || (resolvedAt !== null && resolvedAt > result.checkedAt),
      },
      vote,
    )
    return [{ monitor, result, vote, after, isInMaintenance }]
  })
}

/** A window may have come and gone between two checks: what failed before it is not carried over either. */
function sinceLastFailures(checked: readonly CheckedClaim[], monitors: ReadonlyMap<number, LockedMonitor>): Span[] {
  return checked.flatMap(({ monitorId, checkedAt }) => {
    const { last_checked_at: from, consecutive_failures = 0 } = monitors.get(monitorId) ?? {}
    return from && consecutive_failures > 0 ? [{ monitorId, from, to: checkedAt }] : []
  })
}

/** Why something that has failed often enough opens no incident: it is looked at again then, or counts anew. */
type PutOff = { readonly until: Date } | 'held'

const looksLaterMs = 2000

/** Opens what is to be opened, parents before children. Answers what is put off because of what it depends on. */
async function open(ground: Ground, steps: readonly Step[]): Promise<Map<number, PutOff>> {
  const { tx, now } = ground
  const putOff = new Map<number, PutOff>()
  const unseen = new Set<number>()
  let left = steps.filter(({ after }) => after.incident === 'open')
  const parents = await readParents(
    tx,
    left.map(({ monitor }) => monitor.monitor_id),
  )
  const opened = new Map<number, number>()
  while (left.length > 0) {
    const ids = new Set(left.map(({ monitor }) => monitor.monitor_id))
    const isReady = ({ monitor }: Step) => !(parents.get(monitor.monitor_id) ?? []).some(({ id }) => ids.has(id))
    const ready = left.some(isReady) ? left.filter(isReady) : left
    left = left.filter((step) => !ready.includes(step))
    const openings: Opening[] = []
    for (const { monitor, result, vote, after } of ready) {
      const own = (parents.get(monitor.monitor_id) ?? []).map((parent) => ({
        ...parent,
        incidentId: parent.incidentId ?? opened.get(parent.id) ?? null,
      }))
      const failuresOver = after.consecutiveFailures - monitor.alert_threshold
      // From the second on, the one before was a failure too.
      const failedAt = failuresOver > 0 ? (monitor.last_checked_at ?? result.checkedAt) : result.checkedAt
      const suppression = suppressionOf(own, { failedAt, failuresOver, now })
      if (suppression.kind === 'hold') putOff.set(monitor.monitor_id, 'held')
      if (suppression.kind === 'wait') {
        const { unsettled } = suppression
        for (const { id } of unsettled.filter(canBeAsked)) unseen.add(id)
        const settled = Math.max(...unsettled.map((parent) => settledAt(parent, now)))
        putOff.set(monitor.monitor_id, { until: new Date(settled) })
      }
      if (suppression.kind !== 'open') continue
      openings.push({
        organizationId: monitor.organization_id,
        monitorId: monitor.monitor_id,
        monitorName: monitor.name,
        cause: vote.status === 'degraded' ? 'degraded' : 'down',
        errorMessage: vote.errorMessage,
        suppressedById: suppression.suppressedById,
        startedAt: result.checkedAt,
      })
    }
    for (const [monitorId, incidentId] of await openIncidents(tx, openings)) opened.set(monitorId, incidentId)
    for (const opening of openings) {
      const incidentId = opened.get(opening.monitorId)
      const url = ready.find(({ monitor }) => monitor.monitor_id === opening.monitorId)?.monitor.url ?? ''
      if (incidentId !== undefined) await announceOpened(ground, incidentId, opening, url)
    }
  }
  await expedite(tx, [...unseen], now)
  return putOff
}

/** One that fails already counts by its own interval, which is what its threshold means; a heartbeat has a deadline. */
function canBeAsked({ consecutiveFailures, isHeartbeat }: ParentOf): boolean {
  return consecutiveFailures === 0 && !isHeartbeat
}

function settledAt(parent: ParentOf, now: Date): number {
  const looksAt = canBeAsked(parent) ? now : (parent.looksAt ?? now)
  return Math.max(looksAt.getTime(), now.getTime()) + parent.timeoutMs + looksLaterMs
}

async function worsen(ground: Ground, steps: readonly Step[]): Promise<void> {
  const worse = steps.filter(({ after }) => after.incident === 'worsen')
  const found = worse.map(({ monitor, vote }) => ({ monitorId: monitor.monitor_id, errorMessage: vote.errorMessage }))
  const worsened = await worsenIncidents(ground.tx, found, ground.now)
  for (const { monitor } of worse) {
    const incident = worsened.get(monitor.monitor_id)
    if (incident !== undefined) await announceWorsened(ground, incident, monitor)
  }
}

async function resolve(ground: Ground, steps: readonly Step[]): Promise<void> {
  const recovered = steps.filter(({ after }) => after.incident === 'resolve')
  const ids = recovered.map(({ monitor }) => monitor.monitor_id)
  const resolved = await resolveIncidents(ground.tx, ids, { at: ground.now, kind: 'check' })
  for (const { monitor, after } of recovered) {
    const incidentId = resolved.get(monitor.monitor_id)
    if (incidentId !== undefined)
      await announceResolved(ground, incidentId, monitor, { status: after.status, cause: 'check' })
  }
}

function entryOf({ monitor, result, after, isInMaintenance }: Step, putOff: PutOff | undefined): Entry {
  const { monitorId, checkedAt, finding } = result
  const regular = new Date(checkedAt.getTime() + monitor.interval_sec * 1000)
  const until = putOff === undefined || putOff === 'held' ? regular : putOff.until
  return {
    organizationId: monitor.organization_id,
    monitorId,
    checkedAt,
    found: finding.status,
    status: after.status,
    responseTimeMs: finding.responseTimeMs,
    statusCode: finding.statusCode,
    errorMessage: finding.errorMessage,
    isInMaintenance,
    consecutiveFailures: putOff === 'held' ? 0 : after.consecutiveFailures,
    nextCheckAt: until < regular ? until : result.nextCheckAt,
  }
}

const localVoteOf = ({ monitorId, found, errorMessage, checkedAt }: Entry) => ({
  monitor_id: monitorId,
  region: 'local',
  status: found,
  error_message: errorMessage,
  checked_at: checkedAt,
})
