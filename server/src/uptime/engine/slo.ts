import type { MonitorStatus } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../db/tables.ts'
import { type Counts, sloState, sumOf } from '../uptime-share.ts'
import { announceOpened, announceResolved, type Ground } from './announce.ts'
import { openIncidents, resolveIncidents } from './incidents.store.ts'
import type { LockedMonitor } from './locked.store.ts'

type Judged = {
  readonly monitor: LockedMonitor
  readonly status: MonitorStatus
  readonly checkedAt: Date
  /** Today, by this check or an earlier one. */
  readonly hasBeenDown: boolean
}

/**
 * Whether monitors keep their targets over their windows. Most results are of monitors that were fine all day, which
 * cannot fall below: those are asked only once a day, because good days leave the window and targets are changed.
 */
export async function judgeTargets(ground: Ground, judged: readonly Judged[]): Promise<void> {
  const { tx, now } = ground
  const asked = judged.filter((one) => one.hasBeenDown || one.monitor.slo_breach_open || beginsItsDay(one))
  if (asked.length === 0) return
  const uptimes = await readUptimes(tx, asked, now)
  const isBelow = ({ monitor }: Judged) => {
    const state = sloState(uptimes.get(monitor.monitor_id) ?? sumOf([]), monitor.uptime_target_bp)
    // What cannot be judged stays as it is.
    return state === 'breached' || (state !== 'ok' && monitor.slo_breach_open)
  }
  const breached = asked.filter((one) => !one.monitor.slo_breach_open && isBelow(one))
  const restored = asked.filter((one) => one.monitor.slo_breach_open && !isBelow(one))
  const openings = breached.map(({ monitor }) => ({
    organizationId: monitor.organization_id,
    monitorId: monitor.monitor_id,
    monitorName: monitor.name,
    cause: 'slo' as const,
    errorMessage: `the uptime over ${monitor.uptime_window_days} days is below ${monitor.uptime_target_bp / 10} %`,
    suppressedById: null,
    startedAt: now,
  }))
  const opened = await openIncidents(tx, openings)
  for (const [index, opening] of openings.entries()) {
    const incidentId = opened.get(opening.monitorId)
    if (incidentId !== undefined) await announceOpened(ground, incidentId, opening, breached[index]?.monitor.url ?? '')
  }
  const resolved = await resolveIncidents(
    tx,
    restored.map(({ monitor }) => monitor.monitor_id),
    { at: now, kind: 'slo' },
  )
  for (const { monitor, status } of restored) {
    const incidentId = resolved.get(monitor.monitor_id)
    if (incidentId !== undefined) await announceResolved(ground, incidentId, monitor, { status, cause: 'slo' })
  }
  await markBreaches(tx, [...breached, ...restored])
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Each monitor's day begins at an hour of its own, so that midnight does not ask for all of them. */
function beginsItsDay({ monitor: { monitor_id, last_checked_at }, checkedAt }: Judged): boolean {
  const dayOf = (moment: Date) => Math.floor((moment.getTime() + (monitor_id % 24) * hourMs) / dayMs)
  return last_checked_at !== null && dayOf(last_checked_at) !== dayOf(checkedAt)
}

async function readUptimes(tx: Kysely<Tables>, asked: readonly Judged[], now: Date): Promise<Map<number, Counts>> {
  const { rows } = await sql<{ readonly id: number } & Counts>`
    SELECT asked.id, sum(up)::bigint AS up, sum(degraded)::bigint AS degraded, sum(down)::bigint AS down
    FROM unnest(
      ${asked.map(({ monitor }) => monitor.organization_id)}::integer[],
      ${asked.map(({ monitor }) => monitor.monitor_id)}::integer[],
      ${asked.map(({ monitor }) => monitor.uptime_window_days)}::integer[]
    ) AS asked (organization_id, id, window_days)
    JOIN check_rollups_daily AS rollup ON rollup.organization_id = asked.organization_id AND rollup.monitor_id = asked.id
      AND rollup.starts_at > ${now}::timestamptz - asked.window_days * interval '1 day'
    GROUP BY asked.id`.execute(tx)
  return new Map(rows.map((row) => [row.id, row]))
}

async function markBreaches(tx: Kysely<Tables>, turned: readonly Judged[]): Promise<void> {
  if (turned.length === 0) return
  await sql`
    UPDATE monitor_states SET slo_breach_open = NOT slo_breach_open
    WHERE monitor_id = ANY (${turned.map(({ monitor }) => monitor.monitor_id)}::integer[])`.execute(tx)
}
