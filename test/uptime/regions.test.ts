import { afterAll, describe, expect, test } from 'vitest'
import type { Person } from '../support/actors.ts'
import { createPerson, createToken } from '../support/actors.ts'
import { checksOf, newOwner, stateOf } from '../support/engine.ts'
import { auditOf, codeOf, website } from '../support/monitors.ts'
import { aloneIn, makeRegionsDue, type Region, regionChecksOf, startAgent } from '../support/regions.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const { clock, services } = service
const { db } = services.database
const owner = await newOwner(service)
const people = service.client(owner.session)

const sink = await startHttpSink((_request, response) => void response.end())
afterAll(() => sink[Symbol.asyncDispose]())
const alone = (path: string, regions: readonly Region[], more: Parameters<typeof aloneIn>[3] = {}) =>
  aloneIn(service, `${sink.url}${path}`, regions, more)

describe('an agent', () => {
  test('needs the scope and the role, and leaves a row when it begins', async () => {
    const member = await createPerson(service, owner.organizationId, 'member')
    const body = { region: 'weur', name: 'probe-1', version: '1.2.3' } as const
    expect(await codeOf(service.client(member.session).uptime.regions.startAgent(body))).toBe('ROLE_INSUFFICIENT')
    const { token } = await createToken(service, owner, { scopes: ['monitors:read', 'monitors:write', 'secrets:read'] })
    expect(await codeOf(service.client(token).uptime.regions.startAgent(body))).toBe('PAT_SCOPE_INSUFFICIENT')

    const agent = await startAgent(service, owner, 'weur', 'probe-1')
    expect(await auditOf(service, `region_agent:${agent.id}`)).toMatchObject([
      { action: 'START_REGION_AGENT', actor_pat_id: agent.tokenId, meta: { region: 'weur', name: 'probe-1' } },
    ])
    const [stored] = await db.selectFrom('region_agents').selectAll().where('id', '=', agent.id).execute()
    expect(JSON.stringify(stored)).not.toContain(agent.key)
  })

  test.each([
    [
      'its token is revoked',
      (tokenId: number) =>
        db.updateTable('tokens').set({ revoked_at: clock.now() }).where('id', '=', tokenId).execute(),
    ],
    [
      'its token has expired',
      (tokenId: number) =>
        db.updateTable('tokens').set({ expires_at: clock.now() }).where('id', '=', tokenId).execute(),
    ],
    [
      'its owner has lost the role',
      (_: number, { userId }: Person) =>
        db.updateTable('memberships').set({ role: 'member' }).where('user_id', '=', userId).execute(),
    ],
    [
      'its owner has left',
      (_: number, { userId }: Person) => db.deleteFrom('memberships').where('user_id', '=', userId).execute(),
    ],
    ['its key has not been used for an hour', async () => clock.advance(3_600_000)],
  ])('is turned away once %s', async (_, end) => {
    const person = await newOwner(service)
    const agent = await startAgent(service, person, 'weur')
    expect(await agent.claim()).toEqual([])
    await end(agent.tokenId, person)
    const { regions } = service.client().uptime
    expect(await codeOf(regions.claim({ key: agent.key, limit: 1 }))).toBe('REGION_KEY_INVALID')
    expect(await codeOf(regions.report({ key: agent.key, results: [] }))).toBe('REGION_KEY_INVALID')
  })

  test('that a session has let in goes with the session', async () => {
    const person = await newOwner(service)
    const { regions } = service.client(person.session).uptime
    const { key } = await regions.startAgent({ region: 'oc', name: 'by hand', version: '1' })
    expect(await codeOf(regions.claim({ key, limit: 1 }))).toBe('ok')
    await db.updateTable('sessions').set({ revoked_at: clock.now() }).where('id', '=', person.sessionId).execute()
    expect(await codeOf(regions.claim({ key, limit: 1 }))).toBe('REGION_KEY_INVALID')
  })

  test('with a key that never was is turned away', async () => {
    const { regions } = service.client().uptime
    const { token } = await createToken(service, owner)
    for (const key of [`owl_agent_${'x'.repeat(43)}`, 'x', token, owner.session.slice(0, 200)]) {
      expect(await codeOf(regions.claim({ key, limit: 1 }))).toBe('REGION_KEY_INVALID')
      expect(await codeOf(regions.report({ key, results: [] }))).toBe('REGION_KEY_INVALID')
    }
  })
})

describe('claims', () => {
  test('hand out all that a check needs, uncached, with the headers in plain text only there', async () => {
    const headers = { Authorization: 'Bearer of-the-shop' }
    const { person, id } = await alone('/headers', ['weur'], { headers, expectedStatusCode: 204, timeoutMs: 5000 })
    const agent = await startAgent(service, person, 'weur')
    const { data, response } = await service.client().uptime.regions.claim({ key: agent.key, limit: 5 }).withResponse()
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(data).toEqual({
      leaseMs: 60_000,
      checks: [
        {
          monitorId: id,
          leaseUntil: new Date(clock.now().getTime() + 60_000).toISOString(),
          type: 'http',
          url: `${sink.url}/headers`,
          timeoutMs: 5000,
          intervalSec: 60,
          expectedStatusCode: 204,
          degradedResponseTimeMs: null,
          headers,
        },
      ],
    })
    expect(service.logged.join('')).not.toContain('of-the-shop')
    expect(service.logged.join('')).not.toContain(agent.key)
  })

  test('are of the agent’s organization and region alone', async () => {
    const ours = await alone('/ours', ['weur', 'oc'])
    const theirs = await alone('/theirs', ['weur'])
    const agent = await startAgent(service, ours.person, 'weur')
    expect((await agent.claim()).map(({ monitorId }) => monitorId)).toEqual([ours.id])
    const foreign = await startAgent(service, theirs.person, 'weur')
    const [check] = await foreign.claim()
    expect(check?.monitorId).toBe(theirs.id)
    expect(await agent.report([check ?? { monitorId: 0, leaseUntil: '' }], { status: 'down' })).toEqual(['not_held'])
    const elsewhere = await startAgent(service, ours.person, 'enam')
    expect(await elsewhere.claim()).toEqual([])
  })

  test('of agents that ask at once are never the same, and none is left', async () => {
    const person = await newOwner(service)
    const { monitors } = await service.client(person.session).uptime.monitors.bulkCreate({
      monitors: Array.from({ length: 40 }, () => website({ regions: ['apac'] })),
    })
    for (const { id } of monitors) await makeRegionsDue(service, id)
    const agents = [await startAgent(service, person, 'apac', 'a'), await startAgent(service, person, 'apac', 'b')]
    const claimed: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const parts = await Promise.all(agents.map((agent) => agent.claim(5)))
      claimed.push(...parts.flat().map(({ monitorId }) => monitorId))
    }
    expect(claimed).toHaveLength(40)
    expect(new Set(claimed)).toEqual(new Set(monitors.map(({ id }) => id)))
  })

  test('that are not reported come back, and their late results are refused', async () => {
    const { person, id } = await alone('/lease', ['weur'])
    const [dead, other] = [
      await startAgent(service, person, 'weur', 'a'),
      await startAgent(service, person, 'weur', 'b'),
    ]
    const lost = await dead.claim()
    expect(lost).toHaveLength(1)
    clock.advance(59_000)
    expect(await other.claim()).toEqual([])
    clock.advance(1000)
    expect(await dead.report(lost, { status: 'down' })).toEqual(['not_held'])
    const taken = await other.claim()
    expect(taken.map(({ monitorId }) => monitorId)).toEqual([id])
    expect(await dead.report(lost, { status: 'down' })).toEqual(['not_held'])
    expect(await other.report(taken, { status: 'up' })).toEqual(['accepted'])
    expect(await other.report(taken, { status: 'up' })).toEqual(['not_held'])
    expect(await checksOf(service, id)).toMatchObject([{ status: 'up' }])
  })

  test('that are given back can be taken at once, or after a while', async () => {
    const { person } = await alone('/back', ['weur'])
    const agent = await startAgent(service, person, 'weur')
    await agent.giveBack(await agent.claim(), 0)
    const again = await agent.claim()
    expect(again).toHaveLength(1)
    await agent.giveBack(again, 10_000)
    expect(await agent.claim()).toEqual([])
    clock.advance(10_000)
    expect(await agent.claim()).toHaveLength(1)
  })

  test('run a missed check once, at its place in the schedule', async () => {
    const { person, id } = await alone('/missed', ['weur'])
    const due = clock.now().getTime()
    clock.advance(200_000)
    const agent = await startAgent(service, person, 'weur')
    expect(await agent.report(await agent.claim(), { status: 'up' })).toEqual(['accepted'])
    expect(await agent.claim()).toEqual([])
    const [kept] = await regionChecksOf(service, id)
    expect(kept?.next_check_at?.getTime()).toBe(due + 240_000)
  })

  test('whose headers cannot be decrypted are not handed out', async () => {
    const { person, id } = await alone('/sealed', ['weur'], { headers: { a: 'b' } })
    await db.updateTable('monitors').set({ sealed_headers: 'no envelope' }).where('id', '=', id).execute()
    const agent = await startAgent(service, person, 'weur')
    expect(await agent.claim()).toEqual([])
    expect((await regionChecksOf(service, id))[0]?.claimed_by).toBeNull()
  })
})

describe('what is to be checked from where', () => {
  const regionsOf = async (id: number) => (await regionChecksOf(service, id)).map(({ region }) => region)

  test('follows the monitor, whoever changes it', async () => {
    const { id } = await people.uptime.monitors.create(website({ regions: ['weur', 'oc'] }))
    expect(await regionsOf(id)).toEqual(['oc', 'weur'])
    await people.uptime.monitors.update(id, { regions: ['weur', 'enam'] })
    expect(await regionsOf(id)).toEqual(['enam', 'weur'])
    await people.uptime.monitors.bulkUpdate({ ids: [id], patch: { paused: true } })
    expect(await regionsOf(id)).toEqual([])
    await people.uptime.monitors.update(id, { paused: false })
    expect(await regionsOf(id)).toEqual(['enam', 'weur'])
    await people.uptime.monitors.delete(id)
    expect(await regionsOf(id)).toEqual([])
  })

  test('begins anywhere in the interval', async () => {
    const person = await newOwner(service)
    const { monitors } = await service.client(person.session).uptime.monitors.bulkCreate({
      monitors: Array.from({ length: 30 }, () => website({ regions: ['weur'], intervalSec: 3600 })),
    })
    const agent = await startAgent(service, person, 'weur')
    expect(await agent.claim()).toEqual([])
    const waits = await Promise.all(
      monitors.map(async ({ id }) => {
        const [one] = await regionChecksOf(service, id)
        return ((one?.next_check_at?.getTime() ?? 0) - clock.now().getTime()) / 3_600_000
      }),
    )
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...waits)).toBeLessThanOrEqual(1)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(0.2)
  })

  test('is dropped when the monitor is paused or asks for something else: no result and no vote of before counts', async () => {
    const { person, id } = await alone('/moves', ['weur'])
    const agent = await startAgent(service, person, 'weur')
    await services.engine.runDue()
    expect(await agent.report(await agent.claim(), { status: 'down' })).toEqual(['accepted'])
    clock.advance(60_000)
    const held = await agent.claim()
    await service.client(person.session).uptime.monitors.update(id, { url: `${sink.url}/moved` })
    expect(await agent.report(held, { status: 'down' })).toEqual(['not_held'])
    await services.engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'up' })

    await makeRegionsDue(service, id)
    expect(await agent.report(await agent.claim(), { status: 'down' })).toEqual(['accepted'])
    await makeRegionsDue(service, id)
    const early = await agent.claim()
    await service.client(person.session).uptime.monitors.update(id, { expectedStatusCode: 200 })
    expect(await agent.report(early, { status: 'down' })).toEqual(['not_held'])
    clock.advance(60_000)
    await services.engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'up' })

    await makeRegionsDue(service, id)
    const again = await agent.claim()
    await service.client(person.session).uptime.monitors.update(id, { paused: true })
    expect(await agent.report(again, { status: 'down' })).toEqual(['not_held'])
    expect(await agent.claim()).toEqual([])
  })
})

describe('the list of regions', () => {
  test('says how much there is to do, who does it and how late', async () => {
    const { person } = await alone('/list', ['weur', 'sam'])
    await startAgent(service, person, 'weur', 'probe-1')
    clock.advance(42_000)
    const last = await startAgent(service, person, 'weur', 'probe-2')
    await last.report(await last.claim(), { status: 'up' })
    const { regions } = service.client(person.session).uptime
    const now = clock.now().toISOString()
    const listed = await regions.list()
    expect(listed.map(({ region }) => region)).toEqual(['weur', 'enam', 'apac', 'oc', 'sam', 'afr'])
    expect(listed[0]).toMatchObject({
      monitors: 1,
      lagSec: 0,
      lastSeenAt: now,
      agents: [{ id: last.id, name: 'probe-2', version: '1.0.0', lastSeenAt: now }, { name: 'probe-1' }],
    })
    expect(listed[4]).toEqual({ region: 'sam', monitors: 1, lagSec: 42, lastSeenAt: null, agents: [] })
    expect(listed[1]).toMatchObject({ monitors: 0, lagSec: 0 })
    expect((await people.uptime.regions.list())[4]?.monitors).toBe(0)

    clock.advance(86_400_000)
    expect((await regions.list())[0]).toMatchObject({ agents: [], lastSeenAt: null })
    await startAgent(service, person, 'weur', 'probe-3')
    const left = await db
      .selectFrom('region_agents')
      .select('name')
      .where('organization_id', '=', person.organizationId)
      .execute()
    expect(left.map(({ name }) => name)).toEqual(['probe-3'])
  })
})
