import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { findTarget, listChecks, readRollups, sumChecks, sumRollups } from './check-history.store.ts'
import { readCursor, toCheck, toFigures, toSlo, toTimeline } from './check-history.view.ts'
import { bucketsOf, grainOf } from './timeline-buckets.ts'
import { sumOf } from './uptime-share.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const windowHours = { '24h': 24, '7d': 168, '30d': 720, '90d': 2160 } as const

function fullHourBefore(now: Date, hours: number): Date {
  return new Date(Math.floor(now.getTime() / hourMs - hours) * hourMs)
}

/** The days that began within the window, by which a breach is judged too when a check comes in. */
function firstJudgedDay(now: Date, windowDays: number): Date {
  return new Date((Math.floor(now.getTime() / dayMs - windowDays) + 1) * dayMs)
}

export const checkHistory: Handlers<typeof contract.uptime.checkHistory> = {
  async list({ params, query }, { db, actor, error }) {
    const { limit, before, status, region } = query
    const from = query.from === undefined ? undefined : new Date(query.from)
    const to = query.to === undefined ? undefined : new Date(query.to)
    if (from !== undefined && to !== undefined && from > to) throw error('BAD_TIME_RANGE')
    const owned = { organizationId: actor.organizationId, monitorId: params.id }
    if ((await findTarget(db, owned)) === undefined) throw error('NOT_FOUND')
    const after = before === undefined ? undefined : readCursor(before)
    const rows = await listChecks(db, owned, { limit, before: after, from, to, status, region })
    return rows.map(toCheck)
  },

  async stats({ params, query: { window } }, { db, actor, now, error }) {
    const owned = { organizationId: actor.organizationId, monitorId: params.id }
    const target = await findTarget(db, owned)
    if (target === undefined) throw error('NOT_FOUND')
    const from = fullHourBefore(now, windowHours[window])
    const judged = await readRollups(db, owned, firstJudgedDay(now, target.uptime_window_days))
    return {
      window,
      from: from.toISOString(),
      to: now.toISOString(),
      ...toFigures(await readRollups(db, owned, from)),
      slo: toSlo(sumOf(judged), target),
    }
  },

  async timeline({ params, query }, { db, actor, now, error }) {
    const buckets = bucketsOf(query, now)
    if ('fault' in buckets) {
      throw error('VALIDATION_FAILED', { fields: [{ path: 'bucketSec', code: 'custom', message: buckets.fault }] })
    }
    const owned = { organizationId: actor.organizationId, monitorId: params.id }
    if ((await findTarget(db, owned)) === undefined) throw error('NOT_FOUND')
    const grain = grainOf(buckets.bucketSec)
    const rows = grain === 'raw' ? sumChecks(db, owned, buckets) : sumRollups(db, grain, owned, buckets)
    return toTimeline(buckets, await rows)
  },
}
