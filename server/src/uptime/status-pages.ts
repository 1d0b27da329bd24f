import type { contract } from '@owlery/spec'
import { diffOf } from '../audit/diff.ts'
import type { Context, Effect, ErrorOptions, Handlers } from '../http/bind.ts'
import type { ApiError } from '../http/problem.ts'
import {
  appendComponent,
  areOwnMonitors,
  componentsOf,
  deleteComponent,
  replaceComponents,
} from './status-pages.components.store.ts'
import { faultsOf } from './status-pages.rules.ts'
import {
  type Clash,
  deletePage,
  deleteSubscriber,
  findPage,
  insertPage,
  listPages,
  listSubscribers,
  lockPage,
  setPagePassword,
  updatePage,
} from './status-pages.store.ts'
import { columnsOf, normalized, toComponent, toGiven, toStatusPage, toSubscriber } from './status-pages.view.ts'

type Records = typeof contract.uptime.statusPages

const mostComponents = 200

export const statusPages: Handlers<Records> = {
  async list({ query }, { db, actor }) {
    const rows = await listPages(db, actor.organizationId, { limit: query.limit, before: query.before })
    const ids = rows.map(({ id }) => id)
    const components = await componentsOf(db, ids)
    return rows.map((row) => toStatusPage(row, components))
  },

  async create({ body }, context) {
    const { db, actor, now, error, audit } = context
    const { components = [], slug, title, ...rest } = body
    expectFit(body, error)
    const ids = components.map(({ monitorId }) => monitorId)
    if (!(await areOwnMonitors(db, actor.organizationId, ids))) throw noSuchMonitor(error)
    const columns = { ...columnsOf(rest), slug, title, created_at: now }
    const id = await insertPage(db, actor.organizationId, columns)
    if (typeof id !== 'number') throw clash(id, error)
    await replaceComponents(db, id, components)
    await audit({ resource: `status_page:${id}`, meta: { slug, title } })
    return answerWith(id, context)
  },

  get: ({ params }, context) => answerWith(params.id, context),

  async update({ params: { id }, body }, context) {
    const { db, actor, error, audit } = context
    if (Object.values(body).every((value) => value === undefined)) {
      throw error('VALIDATION_FAILED', { fields: [{ path: '', code: 'custom', message: 'Nothing to change' }] })
    }
    expectFit(body, error)
    const row = await lockPage(db, actor.organizationId, id)
    if (row === undefined) throw error('NOT_FOUND')
    const { components, ...rest } = body
    const before = await componentsOf(db, [id])
    const after = { ...rest, ...(components && { components: components.map(normalized) }) }
    const changes = diffOf({ ...toStatusPage(row, before), components: toGiven(before) }, after, new Set())
    if (changes.changedFields.length > 0) {
      const ids = components?.map(({ monitorId }) => monitorId) ?? []
      if (!(await areOwnMonitors(db, actor.organizationId, ids))) throw noSuchMonitor(error)
      const outcome = await updatePage(db, id, columnsOf(rest))
      if (outcome !== 'updated') throw clash(outcome, error)
      if (components !== undefined) await replaceComponents(db, id, components)
    }
    await audit({ resource: `status_page:${id}`, meta: { slug: row.slug, ...changes } })
    return answerWith(id, context)
  },

  async delete({ params: { id } }, { db, actor, error, audit }) {
    const deleted = await deletePage(db, actor.organizationId, id)
    if (deleted === undefined) throw error('NOT_FOUND')
    const { slug, title, custom_domain: customDomain } = deleted
    await audit({ resource: `status_page:${id}`, meta: { snapshot: { slug, title, customDomain } } })
  },

  async setPassword({ params: { id }, body }, { db, actor, services, now, error, commit }) {
    const password = body.password ?? ''
    if (password !== '' && password.length < 8) {
      const fault = { path: 'password', code: 'too_small', message: 'Must have at least 8 characters, or none' }
      throw error('VALIDATION_FAILED', { fields: [fault] })
    }
    if ((await findPage(db, actor.organizationId, id)) === undefined) throw error('NOT_FOUND')
    const hash = password === '' ? null : await services.passwords.hash(password)
    return commit(async ({ db, audit }) => {
      const changed = await setPagePassword(db, actor.organizationId, id, { hash, at: now })
      if (changed === undefined) throw error('NOT_FOUND')
      const action = hash === null ? 'CLEAR_STATUS_PAGE_PASSWORD' : 'SET_STATUS_PAGE_PASSWORD'
      await audit({ action, resource: `status_page:${id}`, meta: { slug: changed.slug } })
      return { hasPassword: hash !== null }
    })
  },

  async createComponent({ params: { id }, body }, { db, actor, error, audit }) {
    if ((await lockPage(db, actor.organizationId, id)) === undefined) throw error('NOT_FOUND')
    if (!(await areOwnMonitors(db, actor.organizationId, [body.monitorId]))) throw noSuchMonitor(error)
    const added = await appendComponent(db, id, body)
    const refuse = (message: string) =>
      error('VALIDATION_FAILED', { fields: [{ path: 'monitorId', code: 'custom', message }] })
    if (added === undefined) throw refuse('This monitor is on the page already')
    const components = await componentsOf(db, [id])
    if (components.length > mostComponents) throw refuse(`A page shows at most ${mostComponents} monitors`)
    await updatePage(db, id, {})
    await audit({ resource: `status_page:${id}`, meta: { componentId: added.id, ...normalized(body) } })
    const row = components.find((one) => one.id === added.id)
    if (row === undefined) throw new Error('a component was created and is not there')
    return toComponent(row)
  },

  async deleteComponent({ params: { id, cid } }, { db, actor, error, audit }) {
    if ((await lockPage(db, actor.organizationId, id)) === undefined) throw error('NOT_FOUND')
    const deleted = await deleteComponent(db, id, cid)
    if (deleted === undefined) throw error('NOT_FOUND')
    await updatePage(db, id, {})
    const snapshot = { componentId: cid, monitorId: deleted.monitor_id, name: deleted.name }
    await audit({ resource: `status_page:${id}`, meta: { snapshot } })
  },

  async listSubscribers({ params: { id }, query }, { db, actor, error }) {
    if ((await findPage(db, actor.organizationId, id)) === undefined) throw error('NOT_FOUND')
    const rows = await listSubscribers(db, id, { limit: query.limit, before: query.before })
    return rows.map(toSubscriber)
  },

  async deleteSubscriber({ params: { id, sid } }, { db, actor, error, audit }) {
    if ((await findPage(db, actor.organizationId, id)) === undefined) throw error('NOT_FOUND')
    const deleted = await deleteSubscriber(db, id, sid)
    if (deleted === undefined) throw error('NOT_FOUND')
    await audit({ resource: `status_page:${id}`, meta: { snapshot: { subscriberId: sid, email: deleted.email } } })
  },
}

async function answerWith(
  id: number,
  context: Pick<Context<Records['get']>, 'actor' | 'setVersion' | 'error'> & Effect,
) {
  const { db, actor, error, setVersion } = context
  const row = await findPage(db, actor.organizationId, id)
  if (row === undefined) throw error('NOT_FOUND')
  setVersion(row.version)
  return toStatusPage(row, await componentsOf(db, [id]))
}

type Failing<C extends string> = (code: C, options?: ErrorOptions) => ApiError

function expectFit(given: Parameters<typeof faultsOf>[0], error: Failing<'VALIDATION_FAILED'>): void {
  const fields = faultsOf(given)
  if (fields.length > 0) throw error('VALIDATION_FAILED', { fields })
}

function noSuchMonitor(error: Failing<'NOT_FOUND'>): ApiError {
  return error('NOT_FOUND', { message: 'There is no such monitor' })
}

function clash(outcome: Clash, error: Failing<'STATUS_PAGE_SLUG_TAKEN' | 'STATUS_PAGE_DOMAIN_TAKEN'>): ApiError {
  return error(outcome === 'slug_taken' ? 'STATUS_PAGE_SLUG_TAKEN' : 'STATUS_PAGE_DOMAIN_TAKEN')
}
