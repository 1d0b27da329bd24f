import type { Contract, contract } from '@owlery/spec'
import { diffOf } from '../audit/diff.ts'
import type { ErrorOptions, Handlers, Input } from '../http/bind.ts'
import type { ApiError } from '../http/problem.ts'
import type { Guard } from '../outbound/guard.ts'
import { restartQueue } from '../webhooks/queue.store.ts'
import {
  deleteSubscription,
  findSubscription,
  forgetFailures,
  insertSubscription,
  listDeliveries,
  listSubscriptions,
  lockSubscription,
  type SubscriptionRow,
  updateSubscription,
} from './webhook-subscriptions.store.ts'
import { toDelivery, toSubscription } from './webhook-subscriptions.view.ts'

// Each of them is another call for every event.
const mostSubscriptions = 100

export const webhookSubscriptions: Handlers<typeof contract.uptime.webhookSubscriptions> = {
  async list({ query: { limit, before } }, { db, actor }) {
    return (await listSubscriptions(db, actor.organizationId, { limit, before })).map(toSubscription)
  },

  async create({ body }, { actor, services, now, error, commit, setVersion }) {
    const { url, description = null } = body
    await expectReachable(url, services.guard, error)
    return commit(async ({ db, audit }) => {
      const { organizationId } = actor
      const eventTypes = [...new Set(body.eventTypes)]
      const id = await insertSubscription(db, { organizationId, url, eventTypes, description, now }, mostSubscriptions)
      if (id === 'too_many') {
        const message = `There are ${mostSubscriptions} subscriptions already, which is the most`
        throw error('VALIDATION_FAILED', { fields: [{ path: '', code: 'too_big', message }] })
      }
      await audit({ resource: resourceOf(id), meta: { url, eventTypes } })
      const row = await findSubscription(db, organizationId, id)
      if (row === undefined) throw new Error(`the webhook subscription ${id} was created and is not there`)
      setVersion(row.version)
      return toSubscription(row)
    })
  },

  async get({ params: { id } }, { db, actor, error, setVersion }) {
    const row = await findSubscription(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    setVersion(row.version)
    return toSubscription(row)
  },

  async update({ params: { id }, body }, { db, actor, services, now, error, commit, setVersion }) {
    if (Object.values(body).every((value) => value === undefined)) {
      throw error('VALIDATION_FAILED', { fields: [{ path: '', code: 'custom', message: 'Nothing to change' }] })
    }
    const known = await findSubscription(db, actor.organizationId, id)
    if (known === undefined) throw error('NOT_FOUND')
    if (body.url !== undefined) await expectReachable(body.url, services.guard, error)
    return commit(async (effect) => {
      const restarts = body.enabled === true || body.url !== undefined
      const row = await lockSubscription(effect.db, actor.organizationId, id, restarts)
      if (row === undefined) throw error('NOT_FOUND')
      const eventTypes = body.eventTypes && [...new Set(body.eventTypes)]
      const wanted = { ...body, ...(eventTypes && { eventTypes }) }
      const changes = diffOf(toSubscription(row), wanted, new Set())
      if (changes.changedFields.length > 0) {
        await updateSubscription(effect.db, id, { ...columnsOf(wanted), ...switchOf(row, body, now) })
      }
      const isEnabledAgain = body.enabled === true && !row.enabled
      if (isEnabledAgain) await forgetFailures(effect.db, id)
      // Another receiver is not to wait for what the one before it did.
      if (isEnabledAgain || changes.changedFields.includes('url')) await restartQueue(effect.db, id, now)
      await effect.audit({ resource: resourceOf(id), meta: { url: body.url ?? row.url, ...changes } })
      const changed = await findSubscription(effect.db, actor.organizationId, id)
      if (changed === undefined) throw error('NOT_FOUND')
      setVersion(changed.version)
      return toSubscription(changed)
    })
  },

  async delete({ params: { id } }, { db, actor, error, audit }) {
    if ((await findSubscription(db, actor.organizationId, id)) === undefined) throw error('NOT_FOUND')
    const row = await lockSubscription(db, actor.organizationId, id, true)
    if (row === undefined) throw error('NOT_FOUND')
    await deleteSubscription(db, id)
    const { url, event_types: eventTypes, description } = row
    await audit({ resource: resourceOf(id), meta: { snapshot: { url, eventTypes, description } } })
  },

  async listDeliveries({ params: { id }, query: { limit, before } }, { db, actor, error }) {
    if ((await findSubscription(db, actor.organizationId, id)) === undefined) throw error('NOT_FOUND')
    return (await listDeliveries(db, id, { limit, before })).map(toDelivery)
  },
}

const resourceOf = (id: number) => `webhook_subscription:${id}`

type RefuseUrl = (code: 'WEBHOOK_URL_UNSAFE' | 'WEBHOOK_URL_UNRESOLVABLE', options?: ErrorOptions) => ApiError

async function expectReachable(url: string, guard: Guard, error: RefuseUrl): Promise<void> {
  const verdict = await guard.checkUrl(url)
  if (verdict === 'unsafe') throw error('WEBHOOK_URL_UNSAFE')
  if (verdict !== 'ok') throw error('WEBHOOK_URL_UNRESOLVABLE')
}

type Patch = Input<Contract['uptime']['webhookSubscriptions']['update']>['body']

function columnsOf({ url, eventTypes, description, enabled }: Patch) {
  return { url, event_types: eventTypes, description, enabled }
}

/** When it was switched off, and why; nothing of that stays when it is switched on. */
function switchOf(row: SubscriptionRow, { enabled }: Patch, now: Date) {
  if (enabled === true) return { disabled_at: null, disabled_reason: null }
  if (enabled === false && row.enabled) return { disabled_at: now, disabled_reason: null }
  return { disabled_at: undefined, disabled_reason: undefined }
}
