import { sql } from 'kysely'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createOrganization, createPerson, createToken, type Person } from '../support/actors.ts'
import { type DocumentedOperation, operations } from '../support/document.ts'
import { nextHour, openIncident } from '../support/incidents.ts'
import { website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'
import { createPage, freshSlug, subscriber } from '../support/status-pages.ts'

/** Every operation that the document calls audited leaves the rows it says, in the transaction of the change itself. */

const service = await freshService()
// Changes announce themselves through the queue; nobody works it here, so nothing else happens beside them.
await service.services.queue.start()
afterAll(() => service.services.queue.stop(1000))
const { db } = service.services.database
const password = 'a tall mast in calm water'

type Call = {
  readonly path: string
  readonly body?: unknown
  /** The things it changes, if it changes several at once: each gets a row. */
  readonly things?: readonly string[]
}
type Prepare = (person: Person) => Promise<Call>

const monitors = (person: Person) => service.client(person.session).uptime.monitors

async function twoMonitors(person: Person): Promise<number[]> {
  const { monitors: made } = await monitors(person).bulkCreate({ monitors: [website(), website()] })
  return made.map(({ id }) => id)
}

const subscription = { url: 'https://1.1.1.1/events', eventTypes: [] }

async function subscriptionPath(person: Person): Promise<string> {
  const { id } = await service.client(person.session).uptime.webhookSubscriptions.create(subscription)
  return `/api/v1/webhook-subscriptions/${id}`
}

const statusPagePath = async ({ organizationId }: Person) =>
  `/api/v1/status-pages/${(await createPage(service, organizationId)).id}`

const incidentPath = async ({ organizationId }: Person) =>
  `/api/v1/incidents/${await openIncident(service, organizationId)}`

/** For every audited operation one call that succeeds. One without a line here fails. */
const calls: Readonly<Record<string, Prepare>> = {
  'platform.me.changePassword': async () => ({
    path: '/api/v1/me/change-password',
    body: { currentPassword: password, newPassword: 'three gulls above the harbour' },
  }),
  'platform.members.update': async ({ organizationId }) => {
    const { userId } = await createPerson(service, organizationId, 'viewer')
    return { path: `/api/v1/me/members/${userId}`, body: { role: 'member' } }
  },
  'platform.webhookSecret.get': async () => ({ path: '/api/v1/me/webhook-secret' }),
  'platform.webhookSecret.rotate': async () => ({ path: '/api/v1/me/webhook-secret/rotate' }),
  'platform.tokens.create': async () => ({ path: '/api/v1/me/tokens', body: { name: 'bot' } }),
  'platform.tokens.delete': async (person) => ({
    path: `/api/v1/me/tokens/${(await createToken(service, person)).id}`,
  }),
  'platform.auditLogs.list': async () => ({ path: '/api/v1/audit-logs?format=csv' }),
  'uptime.regions.startAgent': async () => ({
    path: '/api/v1/regions/agents',
    body: { region: 'weur', name: 'probe-1', version: '1.0.0' },
  }),
  'uptime.monitors.create': async () => ({ path: '/api/v1/monitors', body: website() }),
  'uptime.monitors.update': async (person) => {
    const { id } = await monitors(person).create(website())
    return { path: `/api/v1/monitors/${id}`, body: { paused: true } }
  },
  'uptime.monitors.delete': async (person) => {
    const { id } = await monitors(person).create(website())
    return { path: `/api/v1/monitors/${id}` }
  },
  'uptime.monitors.getSecrets': async (person) => {
    const { id } = await monitors(person).create(website())
    return { path: `/api/v1/monitors/${id}/secrets` }
  },
  'uptime.monitors.testAlert': async (person) => {
    // The secret that signs webhooks comes into being at its first use, whatever becomes of that.
    await service.client(person.session).platform.webhookSecret.get()
    const { id } = await monitors(person).create(website({ alertEmail: 'ada@example.com' }))
    return { path: `/api/v1/monitors/${id}/test-alert` }
  },
  'uptime.monitors.rotateHeartbeatToken': async (person) => {
    const { id } = await monitors(person).create(website({ type: 'heartbeat', url: 'nightly backup' }))
    return { path: `/api/v1/monitors/${id}/rotate-heartbeat-token` }
  },
  'uptime.monitors.bulkCreate': async () => ({
    path: '/api/v1/monitors/bulk',
    body: { monitors: [website(), website(), website()] },
    things: ['new', 'new', 'new'],
  }),
  'uptime.monitors.bulkUpdate': async (person) => {
    const ids = await twoMonitors(person)
    return {
      path: '/api/v1/monitors/bulk',
      body: { ids, patch: { paused: true } },
      things: ids.map((id) => `monitor:${id}`),
    }
  },
  'uptime.monitors.bulkDelete': async (person) => {
    const ids = await twoMonitors(person)
    return { path: '/api/v1/monitors/bulk', body: { ids }, things: ids.map((id) => `monitor:${id}`) }
  },
  'uptime.incidents.createUpdate': async (person) => ({
    path: `${await incidentPath(person)}/updates`,
    body: { status: 'identified', body: 'It is the disk.' },
  }),
  'uptime.incidents.acknowledge': async (person) => ({ path: `${await incidentPath(person)}/acknowledge` }),
  'uptime.incidents.resolve': async (person) => ({
    path: `${await incidentPath(person)}/resolve`,
    body: { body: 'It answers again.' },
  }),
  'uptime.incidents.putPostmortem': async (person) => ({
    path: `${await incidentPath(person)}/postmortem`,
    body: { postmortem: 'It was the disk.' },
  }),
  'uptime.maintenanceWindows.create': async () => ({ path: '/api/v1/maintenance-windows', body: nextHour(service) }),
  'uptime.maintenanceWindows.delete': async (person) => {
    const { id } = await service.client(person.session).uptime.maintenanceWindows.create(nextHour(service))
    return { path: `/api/v1/maintenance-windows/${id}` }
  },
  'uptime.webhookSubscriptions.create': async () => ({ path: '/api/v1/webhook-subscriptions', body: subscription }),
  'uptime.webhookSubscriptions.update': async (person) => ({
    path: await subscriptionPath(person),
    body: { eventTypes: ['incident.opened'] },
  }),
  'uptime.webhookSubscriptions.delete': async (person) => ({ path: await subscriptionPath(person) }),
  'uptime.statusPages.create': async () => ({
    path: '/api/v1/status-pages',
    body: { slug: freshSlug(), title: 'Acme' },
  }),
  'uptime.statusPages.update': async (person) => ({ path: await statusPagePath(person), body: { title: 'New' } }),
  'uptime.statusPages.delete': async (person) => ({ path: await statusPagePath(person) }),
  'uptime.statusPages.setPassword': async (person) => ({
    path: `${await statusPagePath(person)}/password`,
    body: { password },
  }),
  'uptime.statusPages.createComponent': async (person) => {
    const { id } = await monitors(person).create(website())
    return { path: `${await statusPagePath(person)}/components`, body: { monitorId: id } }
  },
  'uptime.statusPages.deleteComponent': async ({ organizationId }) => {
    const { id, components } = await createPage(service, organizationId)
    return { path: `/api/v1/status-pages/${id}/components/${components[0]?.id}` }
  },
  'uptime.statusPages.deleteSubscriber': async ({ organizationId }) => {
    const { id } = await createPage(service, organizationId)
    return { path: `/api/v1/status-pages/${id}/subscribers/${(await subscriber(service, id)).id}` }
  },
}

const audited = operations.filter(({ raw, isPublic }) => !isPublic && raw['x-audit'] !== undefined)

async function prepare(operation: DocumentedOperation): Promise<{ owner: Person; call: Call }> {
  const owner = await createPerson(service, await createOrganization(service), 'owner', password)
  const ready = calls[operation.id]
  if (ready === undefined) throw new Error(`test/platform/audit-coverage.test.ts has no call of ${operation.id}`)
  return { owner, call: await ready(owner) }
}

function send({ method }: DocumentedOperation, { path, body }: Call, bearer: string | undefined): Promise<Response> {
  return service.send(`${origin}${path}`, {
    method,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

async function newestId(): Promise<number> {
  const row = await db
    .selectFrom('audit_logs')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst()
  return row?.id ?? 0
}

const rowsAfter = (id: number) => db.selectFrom('audit_logs').selectAll().where('id', '>', id).orderBy('id').execute()

/** What every table holds, so that nothing can change without it. */
async function contents(): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`.execute(db)
  const found: Record<string, string> = {}
  for (const { name } of tables) {
    const { rows } = await sql<{ sum: string }>`
      SELECT count(*) || ' ' || coalesce(md5(string_agg(one::text, ',' ORDER BY one::text)), '') AS sum
      FROM ${sql.table(name)} AS one`.execute(db)
    found[name] = rows[0]?.sum ?? ''
  }
  return found
}

describe.each(audited)('$id', (operation) => {
  afterEach(async () => {
    await sql`DROP TRIGGER IF EXISTS refuse_audit ON audit_logs`.execute(db)
  })

  test('leaves its row when it succeeds', async () => {
    const { owner, call } = await prepare(operation)
    const before = await newestId()
    const response = await send(operation, call, owner.session)
    expect(response.status, await response.clone().text()).toBe(operation.successStatus)
    await response.text()
    const rows = await rowsAfter(before)
    expect(rows.map(({ action }) => action)).toEqual((call.things ?? ['one']).map(() => operation.raw['x-audit']))
    for (const row of rows) {
      expect(row).toMatchObject({
        organization_id: owner.organizationId,
        actor_user_id: owner.userId,
        actor_pat_id: null,
        actor_email: owner.email,
        resource: expect.stringMatching(/^[a-z_]+:\S+$/),
        meta: { ip: '127.0.0.1', ua: null },
      })
    }
    const resources = rows.map(({ resource }) => resource)
    expect(new Set(resources).size).toBe(rows.length)
    const known = (call.things ?? []).filter((thing) => thing !== 'new')
    if (known.length > 0) expect(resources.toSorted()).toEqual(known.toSorted())
  })

  test('leaves none, and nothing else, when it is refused', async () => {
    const { owner, call } = await prepare(operation)
    const narrow = await createToken(service, owner, { scopes: ['logs:write'] })
    const path = `${call.path}${call.path.includes('?') ? '&' : '?'}unheard=1`
    const before = await contents()
    expect((await send(operation, call, undefined)).status).toBe(401)
    expect((await send(operation, call, narrow.token)).status).toBe(403)
    expect((await send(operation, { ...call, path }, owner.session)).status).toBe(400)
    expect(await contents()).toEqual(before)
  })

  test('changes nothing when its row cannot be written', async () => {
    const { owner, call } = await prepare(operation)
    await sql`CREATE OR REPLACE FUNCTION refuse_audit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no audit today'; END $$`.execute(db)
    await sql`CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION refuse_audit()`.execute(
      db,
    )
    const before = await contents()
    expect((await send(operation, call, owner.session)).status).toBe(500)
    expect(await contents()).toEqual(before)
  })
})

test('no call is kept for an operation that is gone', () => {
  expect(Object.keys(calls).toSorted()).toEqual(audited.map(({ id }) => id).toSorted())
})
