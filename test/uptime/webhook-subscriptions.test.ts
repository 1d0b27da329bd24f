import { describe, expect, it } from 'vitest'
import { createCast, createOrganization, createPerson, createToken } from '../support/actors.ts'
import { auditOf, codeOf, pathsOf, sendJson } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'
import { createMonitor, deliveriesOf, plan, statusChange } from '../support/webhooks.ts'

const service = await freshService()
// Planning looks into the table of jobs.
await service.services.queue.start()
const cast = await createCast(service)
const { webhookSubscriptions } = service.client(cast.admin.session).uptime
const path = '/api/v1/webhook-subscriptions'
const url = 'https://1.1.1.1/events?key=1'

describe('a webhook subscription', () => {
  it('is created enabled, and read by everybody in the organization', async () => {
    const created = await webhookSubscriptions.create({
      url,
      eventTypes: ['incident.resolved', 'incident.opened', 'incident.opened'],
      description: 'on call',
    })
    expect(created).toEqual({
      id: created.id,
      url,
      eventTypes: ['incident.opened', 'incident.resolved'],
      description: 'on call',
      enabled: true,
      disabledAt: null,
      disabledReason: null,
      consecutiveFailures: 0,
      lastDeliveryAt: null,
      lastDeliveryStatus: null,
      lastDeliveryStatusCode: null,
      createdAt: service.clock.now().toISOString(),
    })
    const viewer = service.client(cast.viewer.session).uptime.webhookSubscriptions
    expect(await viewer.get(created.id)).toEqual(created)
    expect(await viewer.listDeliveries(created.id)).toEqual([])
    expect((await viewer.list())[0]).toEqual(created)
  })

  it('is written by owners and admins, and by tokens with the scope', async () => {
    const body = { url, eventTypes: [] }
    const { id } = await webhookSubscriptions.create(body)
    for (const person of [cast.member, cast.viewer]) {
      const mine = service.client(person.session).uptime.webhookSubscriptions
      expect(await codeOf(mine.create(body))).toBe('ROLE_INSUFFICIENT')
      expect(await codeOf(mine.update(id, { enabled: false }))).toBe('ROLE_INSUFFICIENT')
      expect(await codeOf(mine.delete(id))).toBe('ROLE_INSUFFICIENT')
    }
    const reader = await createToken(service, cast.owner, { scopes: ['webhooks:read'] })
    const readsOnly = service.client(reader.token).uptime.webhookSubscriptions
    expect(await codeOf(readsOnly.list())).toBe('ok')
    expect(await codeOf(readsOnly.create(body))).toBe('PAT_SCOPE_INSUFFICIENT')
    const writer = await createToken(service, cast.owner, { scopes: ['webhooks:*'] })
    expect(await codeOf(service.client(writer.token).uptime.webhookSubscriptions.create(body))).toBe('ok')
  })

  it('does not exist for another organization', async () => {
    const { id } = await webhookSubscriptions.create({ url, eventTypes: [] })
    const theirs = service.client(cast.stranger.session).uptime.webhookSubscriptions
    expect(await codeOf(theirs.get(id))).toBe('NOT_FOUND')
    expect(await codeOf(theirs.update(id, { enabled: false }))).toBe('NOT_FOUND')
    expect(await codeOf(theirs.delete(id))).toBe('NOT_FOUND')
    expect(await codeOf(theirs.listDeliveries(id))).toBe('NOT_FOUND')
    expect((await theirs.list()).map((one) => one.id)).not.toContain(id)
  })

  it.each([
    ['http://127.0.0.1/', 'WEBHOOK_URL_UNSAFE'],
    ['http://[::ffff:10.0.0.1]/', 'WEBHOOK_URL_UNSAFE'],
    ['http://169.254.169.254/latest/meta-data', 'WEBHOOK_URL_UNSAFE'],
    ['https://localhost/', 'WEBHOOK_URL_UNSAFE'],
    ['ftp://1.1.1.1/', 'WEBHOOK_URL_UNRESOLVABLE'],
    ['https://', 'WEBHOOK_URL_UNRESOLVABLE'],
    ['https://jane:secret@1.1.1.1/', 'WEBHOOK_URL_UNRESOLVABLE'],
    ['somewhere', 'WEBHOOK_URL_UNRESOLVABLE'],
  ])('refuses %s', async (bad, code) => {
    expect(await codeOf(webhookSubscriptions.create({ url: bad, eventTypes: [] }))).toBe(code)
    const { id } = await webhookSubscriptions.create({ url, eventTypes: [] })
    expect(await codeOf(webhookSubscriptions.update(id, { url: bad }))).toBe(code)
    expect((await webhookSubscriptions.get(id)).url).toBe(url)
  })

  it('refuses unknown types, unknown fields and an empty change', async () => {
    const refused = async (method: string, where: string, body: unknown) =>
      (await sendJson(service, cast.owner, method, where, body)).json
    expect(await refused('POST', path, { url, eventTypes: ['incident.closed'] })).toMatchObject({
      code: 'VALIDATION_FAILED',
      fields: [{ path: 'eventTypes.0' }],
    })
    expect(await refused('POST', path, { url, eventTypes: [], secret: 'mine' })).toMatchObject({
      fields: [{ path: 'secret', code: 'unrecognized_keys' }],
    })
    const { id } = await webhookSubscriptions.create({ url, eventTypes: [] })
    expect(await refused('PATCH', `${path}/${id}`, {})).toMatchObject({ fields: [{ path: '', code: 'custom' }] })
    expect(await refused('PATCH', `${path}/${id}`, { consecutiveFailures: 0 })).toMatchObject({
      fields: [{ path: 'consecutiveFailures', code: 'unrecognized_keys' }],
    })
    expect(await codeOf(webhookSubscriptions.create({ url, eventTypes: ['log_alert.fired'] }))).toBe('ok')
  })

  it('begins anew when it is enabled again', async () => {
    const { id } = await webhookSubscriptions.create({ url, eventTypes: [] })
    const off = await webhookSubscriptions.update(id, { enabled: false })
    expect(off).toMatchObject({ enabled: false, disabledAt: service.clock.now().toISOString(), disabledReason: null })
    const { db } = service.services.database
    await db
      .updateTable('webhook_subscriptions')
      .set({ disabled_reason: 'ten in a row' })
      .where('id', '=', id)
      .execute()
    await db.updateTable('webhook_queues').set({ consecutive_failures: 10 }).where('subscription_id', '=', id).execute()
    const described = await webhookSubscriptions.update(id, { description: 'still off' })
    expect(described).toMatchObject({ enabled: false, disabledReason: 'ten in a row', consecutiveFailures: 10 })
    const on = await webhookSubscriptions.update(id, { enabled: true })
    expect(on).toMatchObject({ enabled: true, disabledAt: null, disabledReason: null, consecutiveFailures: 0 })
  })

  it('has a version that If-Match is held against', async () => {
    const created = await webhookSubscriptions.create({ url, eventTypes: [] }).withResponse()
    const { id } = created.data
    expect(created.response.headers.get('etag')).toBe('"1"')
    const patch = (tag: string, body: unknown) =>
      service.fetch(`${origin}${path}/${id}`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${cast.admin.session}`,
          'content-type': 'application/json',
          'if-match': tag,
        },
        body: JSON.stringify(body),
      })
    const same = await patch('"1"', { url })
    expect([same.status, same.headers.get('etag')]).toEqual([200, '"1"'])
    const changed = await patch('"1"', { description: 'new' })
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"'])
    expect((await patch('"1"', { description: 'late' })).status).toBe(412)
    const outcome = await webhookSubscriptions.delete(id, { headers: { 'If-Match': '"1"' } }).result()
    expect(!outcome.ok && outcome.error.code).toBe('PRECONDITION_FAILED')
    await webhookSubscriptions.delete(id, { headers: { 'If-Match': '"2"' } })
  })

  it('goes with its deliveries, and leaves its trace in the audit log', async () => {
    const { id } = await webhookSubscriptions.create({ url, eventTypes: [] })
    await plan(service, [statusChange(cast.admin, await createMonitor(service, cast.owner))])
    expect(await deliveriesOf(service, cast.viewer, id)).toHaveLength(1)
    await webhookSubscriptions.update(id, { url: 'https://1.0.0.1/', eventTypes: ['incident.opened'] })
    await webhookSubscriptions.delete(id)
    expect(await codeOf(webhookSubscriptions.get(id))).toBe('NOT_FOUND')
    expect(await codeOf(webhookSubscriptions.delete(id))).toBe('NOT_FOUND')
    const { db } = service.services.database
    const left = await Promise.all([
      db.selectFrom('webhook_deliveries').select('id').where('subscription_id', '=', id).execute(),
      db.selectFrom('webhook_queues').select('lease').where('subscription_id', '=', id).execute(),
    ])
    expect(left).toEqual([[], []])
    expect(await auditOf(service, `webhook_subscription:${id}`)).toMatchObject([
      { action: 'CREATE_WEBHOOK_SUBSCRIPTION', actor_user_id: cast.admin.userId, meta: { url, eventTypes: [] } },
      {
        action: 'UPDATE_WEBHOOK_SUBSCRIPTION',
        meta: {
          changedFields: ['eventTypes', 'url'],
          diff: { url: { from: url, to: 'https://1.0.0.1/' }, eventTypes: { from: [], to: ['incident.opened'] } },
        },
      },
      { action: 'DELETE_WEBHOOK_SUBSCRIPTION', meta: { snapshot: { url: 'https://1.0.0.1/' } } },
    ])
  })
})

describe('lists', () => {
  it('come in pages, newest first', async () => {
    const owner = await createPerson(service, await createOrganization(service), 'owner')
    const mine = service.client(owner.session).uptime.webhookSubscriptions
    const ids: number[] = []
    for (let each = 0; each < 5; each++) ids.unshift((await mine.create({ url, eventTypes: [] })).id)
    const seen: number[] = []
    for await (const one of mine.list({ limit: 2 })) seen.push(one.id)
    expect(seen).toEqual(ids)
    expect((await mine.list({ limit: 2, before: ids[1] ?? 0 })).map((one) => one.id)).toEqual(ids.slice(2, 4))
  })

  it('show the last 50 deliveries, and those before them', async () => {
    const owner = await createPerson(service, await createOrganization(service), 'owner')
    const mine = service.client(owner.session).uptime.webhookSubscriptions
    const { id } = await mine.create({ url, eventTypes: [] })
    const monitorId = await createMonitor(service, owner)
    const events = Array.from({ length: 53 }, () => statusChange(owner, monitorId))
    await plan(service, events)
    const last = await mine.listDeliveries(id)
    expect(last.map(({ eventId }) => eventId)).toEqual(
      events
        .slice(3)
        .reverse()
        .map((event) => event.id),
    )
    const before = await mine.listDeliveries(id, { before: last.at(-1)?.id ?? 0 })
    expect(before.map(({ eventId }) => eventId)).toEqual(
      events
        .slice(0, 3)
        .reverse()
        .map((event) => event.id),
    )
  })

  it('end at a hundred subscriptions', async () => {
    const owner = await createPerson(service, await createOrganization(service), 'owner')
    const mine = service.client(owner.session).uptime.webhookSubscriptions
    const many = await Promise.all(Array.from({ length: 104 }, () => codeOf(mine.create({ url, eventTypes: [] }))))
    expect(many.filter((code) => code === 'ok')).toHaveLength(100)
    expect(await pathsOf(mine.create({ url, eventTypes: [] }))).toEqual([''])
    expect(await mine.list()).toHaveLength(100)
  })
})
