import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { webhookSecretOf } from '../platform/webhook-secret.store.ts'
import { testAlert } from './channels/send-alert.ts'
import { bulkCreate, bulkDelete, bulkUpdate } from './monitors.bulk.ts'
import { createMonitors, prepareMonitors } from './monitors.create.ts'
import { expectFitParents, lockForChange, lockForDeletion } from './monitors.dependencies.ts'
import { mintHeartbeatToken, openSecrets } from './monitors.secrets.ts'
import {
  deleteMonitors,
  findMonitor,
  findSealed,
  listMonitors,
  lockMonitors,
  replaceHeartbeatToken,
} from './monitors.store.ts'
import { applyPatch, expectFitPatch, expectFitRows, hasNoFields } from './monitors.update.ts'
import { toMonitor } from './monitors.view.ts'

export const monitors: Handlers<typeof contract.uptime.monitors> = {
  async list({ query }, { db, actor }) {
    const { tag = [], limit, before, offset } = query
    const rows = await listMonitors(db, actor.organizationId, { tags: [...new Set(tag)], limit, before, offset })
    return rows.map(toMonitor)
  },

  async create({ body }, context) {
    const prepared = await prepareMonitors([{ body, at: '' }], context)
    return context.commit(async (effect) => {
      const [created] = await createMonitors(prepared, context, effect)
      if (created === undefined) throw new Error('a monitor was created and is not there')
      context.setVersion(1)
      return created
    })
  },

  async get({ params }, { db, actor, error, setVersion }) {
    const row = await findMonitor(db, actor.organizationId, params.id)
    if (row === undefined) throw error('NOT_FOUND')
    setVersion(row.version)
    return toMonitor(row)
  },

  async update({ params: { id }, body }, context) {
    const { db, actor, error, setVersion } = context
    if (hasNoFields(body)) {
      throw error('VALIDATION_FAILED', { fields: [{ path: '', code: 'custom', message: 'Nothing to change' }] })
    }
    const found = await findMonitor(db, actor.organizationId, id)
    if (found === undefined) throw error('NOT_FOUND')
    await expectFitPatch(body, [found], context)
    return context.commit(async (effect) => {
      const [locked] = await lockForChange(effect.db, actor.organizationId, [id], body)
      if (locked === undefined) throw error('NOT_FOUND')
      expectFitRows(body, [locked], context)
      const ground = { db: effect.db, organizationId: actor.organizationId, error }
      await expectFitParents([id], body.dependsOn, ground)
      if ((await applyPatch(locked, body, context, effect)) === 'name_taken') {
        throw error('MONITOR_NAME_DUPLICATE', { message: `A monitor with the name "${body.name}" exists already` })
      }
      const row = await findMonitor(effect.db, actor.organizationId, id)
      if (row === undefined) throw error('NOT_FOUND')
      setVersion(row.version)
      return toMonitor(row)
    })
  },

  async delete({ params: { id } }, { db, actor, now, error, audit }) {
    const [doomed] = await lockForDeletion(db, actor.organizationId, [id])
    if (doomed === undefined) throw error('NOT_FOUND')
    await deleteMonitors(db, actor.organizationId, [id], now)
    const { name, url, type } = doomed
    await audit({ resource: `monitor:${id}`, meta: { snapshot: { name, url, type } } })
  },

  async getSecrets({ params: { id } }, { db, actor, services, error, audit }) {
    const sealed = await findSealed(db, actor.organizationId, id)
    if (sealed === undefined) throw error('NOT_FOUND')
    await audit({ resource: `monitor:${id}`, meta: { name: sealed.name } })
    return openSecrets(services.secrets, sealed)
  },

  async testAlert({ params: { id } }, { db, actor, services, error, commit }) {
    const row = await findMonitor(db, actor.organizationId, id)
    const sealed = await findSealed(db, actor.organizationId, id)
    if (row === undefined || sealed === undefined) throw error('NOT_FOUND')
    const settings = { ...openSecrets(services.secrets, sealed), alertEmail: row.alert_email }
    const results = await testAlert(
      settings,
      { id, name: row.name, url: row.url },
      {
        outbound: services.outbound,
        mail: services.mailer,
        webhookSecret: await webhookSecretOf(db, services.secrets, actor.organizationId),
        now: () => services.clock.now(),
      },
    )
    return commit(async ({ audit }) => {
      const tried = results.filter(({ configured }) => configured)
      const channels = tried.map(({ channel, ok }) => ({ channel, ok }))
      await audit({ resource: `monitor:${id}`, meta: { name: row.name, channels } })
      return { results }
    })
  },

  async rotateHeartbeatToken({ params: { id } }, { db, actor, services, error, audit }) {
    const [locked] = await lockMonitors(db, actor.organizationId, [id])
    if (locked === undefined) throw error('NOT_FOUND')
    if (locked.type !== 'heartbeat') {
      const fault = { path: 'id', code: 'custom', message: 'Only a heartbeat monitor has a token' }
      throw error('VALIDATION_FAILED', { fields: [fault] })
    }
    const { plaintext, columns } = mintHeartbeatToken(services.secrets, id)
    await replaceHeartbeatToken(db, id, columns)
    await audit({ resource: `monitor:${id}`, meta: { name: locked.name } })
    const heartbeatUrl = `${services.config.publicUrl}/api/v1/heartbeats/${plaintext}`
    return { id, heartbeatToken: plaintext, heartbeatUrl }
  },

  bulkCreate,
  bulkUpdate,
  bulkDelete,
}
