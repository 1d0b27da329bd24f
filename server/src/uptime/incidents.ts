import { type contract, mostUpdatesShown } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { listDeliveries } from './deliveries.store.ts'
import { announce, resolveIncident } from './incidents.change.ts'
import {
  changeIncident,
  findIncident,
  insertUpdate,
  latestUpdates,
  listIncidents,
  lockIncident,
} from './incidents.store.ts'
import { toDelivery, toIncident, toUpdate } from './incidents.view.ts'

export const incidents: Handlers<typeof contract.uptime.incidents> = {
  async list({ query }, { db, actor, error }) {
    const { status, monitorId, limit, before, offset } = query
    const from = query.from === undefined ? undefined : new Date(query.from)
    const to = query.to === undefined ? undefined : new Date(query.to)
    if (from !== undefined && to !== undefined && from > to) throw error('BAD_TIME_RANGE')
    const page = { status, monitorId, from, to, limit, before, offset }
    return (await listIncidents(db, actor.organizationId, page)).map(toIncident)
  },

  async get({ params: { id } }, { db, actor, error, setVersion }) {
    const row = await findIncident(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    setVersion(row.version)
    const updates = await latestUpdates(db, id, mostUpdatesShown)
    return { ...toIncident(row), updates: updates.map(toUpdate) }
  },

  async createUpdate({ params: { id }, body: { status, body } }, { db, actor, services, now, error, audit }) {
    const row = await lockIncident(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    if (row.resolved_at !== null) throw error('INCIDENT_ALREADY_RESOLVED')
    const update = await insertUpdate(db, { incidentId: id, status, body, authorUserId: actor.userId, now })
    if (status === 'resolved') {
      await resolveIncident(db, services.queue, row, { actor, now, updateId: update.id })
    } else {
      await changeIncident(db, actor.organizationId, id, { status })
      await announce(db, services.queue, row, {
        type: 'incident.updated',
        id: `incident.${id}.updated.${update.id}`,
        organizationId: actor.organizationId,
        now,
        data: { updateId: update.id, status },
      })
    }
    await audit({
      resource: `incident:${id}`,
      meta: { title: row.title, updateId: update.id, from: row.status, status },
    })
    return toUpdate(update)
  },

  async acknowledge({ params: { id } }, { db, actor, services, now, error, audit, setVersion }) {
    const row = await lockIncident(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    if (row.resolved_at !== null) throw error('INCIDENT_ALREADY_RESOLVED')
    const isRepeated = row.acknowledged_at !== null
    await audit({ resource: `incident:${id}`, meta: { title: row.title, isRepeated } })
    if (isRepeated) {
      setVersion(row.version)
      return toIncident(row)
    }
    const change = { acknowledged_at: now, acknowledged_by_user_id: actor.userId }
    const changed = await changeIncident(db, actor.organizationId, id, change)
    await announce(db, services.queue, row, {
      type: 'incident.acknowledged',
      id: `incident.${id}.acknowledged`,
      organizationId: actor.organizationId,
      now,
      data: { acknowledgedByUserId: actor.userId },
    })
    setVersion(changed.version)
    return toIncident(changed)
  },

  async resolve({ params: { id }, body }, { db, actor, services, now, error, audit, setVersion }) {
    const row = await lockIncident(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    const isRepeated = row.resolved_at !== null
    await audit({ resource: `incident:${id}`, meta: { title: row.title, isRepeated } })
    if (isRepeated) {
      setVersion(row.version)
      return toIncident(row)
    }
    const text = body?.body
    const update =
      text === undefined
        ? undefined
        : await insertUpdate(db, { incidentId: id, status: 'resolved', body: text, authorUserId: actor.userId, now })
    const resolved = await resolveIncident(db, services.queue, row, { actor, now, updateId: update?.id ?? null })
    setVersion(resolved.version)
    return toIncident(resolved)
  },

  async putPostmortem({ params: { id }, body: { postmortem } }, { db, actor, now, error, audit, setVersion }) {
    const row = await lockIncident(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    const publishedAt = postmortem === null ? null : (row.postmortem_published_at ?? now)
    const changed =
      postmortem === row.postmortem
        ? row
        : await changeIncident(db, actor.organizationId, id, { postmortem, postmortem_published_at: publishedAt })
    // Its length tells enough of a text that may fill pages and stands in the incident itself.
    const meta = { title: row.title, from: row.postmortem?.length ?? null, to: postmortem?.length ?? null }
    await audit({ resource: `incident:${id}`, meta })
    setVersion(changed.version)
    return toIncident(changed)
  },

  async listDeliveries({ params: { id } }, { db, actor, error }) {
    const row = await findIncident(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    return (await listDeliveries(db, id)).map(toDelivery)
  },
}
