import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import type { Fault } from '../http/problem.ts'
import { cancelWindow, findWindow, insertWindow, listWindows, type WindowRow } from './maintenance-windows.store.ts'

const longestMs = 30 * 24 * 3_600_000

export const maintenanceWindows: Handlers<typeof contract.uptime.maintenanceWindows> = {
  async list({ query }, { db, actor, now, error }) {
    const { active, limit, before } = query
    const from = query.from === undefined ? undefined : new Date(query.from)
    const to = query.to === undefined ? undefined : new Date(query.to)
    if (from !== undefined && to !== undefined && from > to) throw error('BAD_TIME_RANGE')
    const rows = await listWindows(db, actor.organizationId, { active, from, to, now, limit, before })
    return rows.map((row) => toWindow(row, now))
  },

  async create({ body }, { db, actor, now, error, audit }) {
    const startsAt = new Date(body.startsAt)
    const endsAt = new Date(body.endsAt)
    const fault = faultOf(startsAt, endsAt, now)
    if (fault !== undefined) throw error('VALIDATION_FAILED', { fields: [fault] })
    const title = body.title ?? 'Maintenance'
    const monitorIds = body.monitorIds ? [...new Set(body.monitorIds)] : null
    const window = { title, monitorIds, startsAt, endsAt, createdByUserId: actor.userId, now }
    const row = await insertWindow(db, actor.organizationId, window)
    if ('missing' in row) {
      throw error('NOT_FOUND', { message: `There are no monitors with the ids ${row.missing.join(', ')}` })
    }
    await audit({ resource: `maintenance_window:${row.id}`, meta: snapshotOf(row) })
    return toWindow(row, now)
  },

  async get({ params: { id } }, { db, actor, now, error }) {
    const row = await findWindow(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    return toWindow(row, now)
  },

  async delete({ params: { id } }, { db, actor, now, error, audit }) {
    const cancelled = await cancelWindow(db, actor.organizationId, id, now)
    if (cancelled === undefined) throw error('NOT_FOUND')
    const { window, outcome } = cancelled
    await audit({ resource: `maintenance_window:${id}`, meta: { outcome, snapshot: snapshotOf(window) } })
  },
}

function faultOf(startsAt: Date, endsAt: Date, now: Date): Fault | undefined {
  const says = (message: string): Fault => ({ path: 'endsAt', code: 'custom', message })
  if (endsAt <= startsAt) return says('Must be after startsAt')
  if (endsAt <= now) return says('Must be in the future')
  if (endsAt.getTime() - startsAt.getTime() > longestMs) return says('Must be at most 30 days after startsAt')
  return undefined
}

function snapshotOf(row: WindowRow) {
  return {
    title: row.title,
    monitorIds: monitorIdsOf(row),
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
  }
}

function toWindow(row: WindowRow, now: Date) {
  return {
    id: row.id,
    ...snapshotOf(row),
    status: statusOf(row, now),
    createdByUserId: row.created_by_user_id,
    createdAt: row.created_at.toISOString(),
  }
}

function monitorIdsOf(row: WindowRow): number[] | null {
  return row.whole_organization ? null : (row.monitor_ids ?? [])
}

function statusOf({ starts_at, ends_at }: WindowRow, now: Date): 'scheduled' | 'active' | 'ended' {
  if (ends_at <= now) return 'ended'
  return starts_at <= now ? 'active' : 'scheduled'
}
