import { afterAll, expect, test } from 'vitest'
import type { Person } from '../support/actors.ts'
import { checksOf, makeDue } from '../support/engine.ts'
import { aloneIn, makeRegionsDue, startAgent } from '../support/regions.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

const begin = new Date('2026-05-31T23:59:00.000Z')
const service = await freshService({ now: begin, env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const { clock, services } = service
const { db } = services.database

const sink = await startHttpSink((_request, response) => void response.end())
afterAll(() => sink[Symbol.asyncDispose]())

const quotaOf = async (person: Person) => (await service.client(person.session).platform.me.get()).quota
const usedBy = async (person: Person) => (await quotaOf(person)).checksUsed

test('a month counts each check from each region, in the month that it was made in', async () => {
  const { person, id } = await aloneIn(service, sink.url, ['weur', 'oc'])
  const weur = await startAgent(service, person, 'weur')
  const oc = await startAgent(service, person, 'oc')
  await services.engine.runDue()
  expect(await usedBy(person)).toBe(1)
  const checks = await weur.claim()
  expect(await weur.report(checks, { status: 'up' })).toEqual(['accepted'])
  expect(await oc.report(await oc.claim(), { status: 'down' })).toEqual(['accepted'])
  expect(await usedBy(person)).toBe(3)

  // What is not accepted is nobody's check.
  expect(await weur.report(checks, { status: 'up' })).toEqual(['not_held'])
  await makeRegionsDue(service, id)
  expect(await weur.report(await weur.claim(), { status: 'up', ageMs: 120_000 })).toEqual(['too_late'])
  expect(await usedBy(person)).toBe(3)

  clock.advance(90_000)
  expect(await quotaOf(person)).toMatchObject({ checksUsed: 0, periodStart: '2026-06-01T00:00:00.000Z' })
  await makeRegionsDue(service, id)
  expect(await weur.report(await weur.claim(), { status: 'up', ageMs: 31_000 })).toEqual(['accepted'])
  expect(await usedBy(person)).toBe(0)
  expect(await oc.report(await oc.claim(), { status: 'up', ageMs: 29_000 })).toEqual(['accepted'])
  expect(await usedBy(person)).toBe(1)
  const months = await db
    .selectFrom('region_check_counts')
    .select(['starts_at', 'checks'])
    .where('organization_id', '=', person.organizationId)
    .orderBy('starts_at')
    .execute()
  expect(months).toEqual([
    { starts_at: new Date('2026-05-01T00:00:00.000Z'), checks: 3 },
    { starts_at: new Date('2026-06-01T00:00:00.000Z'), checks: 1 },
  ])
})

test('agents that report at once lose no count', async () => {
  const { person, id } = await aloneIn(service, sink.url, ['weur', 'oc', 'sam', 'afr'])
  const agents = await Promise.all(
    (['weur', 'oc', 'sam', 'afr'] as const).map((region) => startAgent(service, person, region)),
  )
  for (let round = 1; round <= 5; round += 1) {
    await makeRegionsDue(service, id)
    const claims = await Promise.all(agents.map((agent) => agent.claim()))
    const outcomes = await Promise.all(
      agents.map((agent, index) => agent.report(claims[index] ?? [], { status: 'up' })),
    )
    expect(outcomes.flat()).toEqual(agents.map(() => 'accepted'))
    expect(await usedBy(person)).toBe(round * agents.length)
  }
})

test('the last check of the month may come from any region, and ends the checks of all of them', async () => {
  const { person, id } = await aloneIn(service, sink.url, ['weur'], { intervalSec: 300 })
  const { organizationId } = person
  await db.updateTable('organizations').set({ plan: 'free' }).where('id', '=', organizationId).execute()
  const agent = await startAgent(service, person, 'weur')
  await services.engine.runDue()
  const used = { organization_id: organizationId, starts_at: new Date('2026-06-01T00:00:00.000Z'), checks: 49_998 }
  await db.insertInto('region_check_counts').values(used).execute()
  const [check] = await agent.claim()
  if (check === undefined) throw new Error('nothing was claimed')
  expect(await agent.report([check], { status: 'up' })).toEqual(['accepted'])
  expect(await quotaOf(person)).toMatchObject({ checksUsed: 50_000, checksRemaining: 0 })

  // Longer than a process remembers what it counted.
  clock.advance(60_000)
  await makeRegionsDue(service, id)
  await makeDue(service, id)
  expect(await agent.claim()).toEqual([])
  await services.engine.runDue()
  expect(await checksOf(service, id)).toHaveLength(2)
  expect(await usedBy(person)).toBe(50_000)

  // Its key would not last until the next month.
  clock.advance(31 * 86_400_000)
  const next = await startAgent(service, person, 'weur')
  await makeRegionsDue(service, id)
  expect(await next.claim()).toMatchObject([{ monitorId: id }])
  await services.engine.runDue()
  expect(await checksOf(service, id)).toHaveLength(3)
})
