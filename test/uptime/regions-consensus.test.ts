import { describe, expect, test } from 'vitest'
import { checksOf, incidentsOf, makeDue, newOwner, nextRound, stateOf } from '../support/engine.ts'
import { website } from '../support/monitors.ts'
import { aloneIn, makeRegionsDue, type Region, regionChecksOf, startAgent } from '../support/regions.ts'
import { freshService } from '../support/service.ts'
import { startSites } from '../support/sites.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const { clock, services } = service

const { down, site } = await startSites()
const alone = (path: string, regions: readonly Region[], more: Parameters<typeof aloneIn>[3] = {}) =>
  aloneIn(service, site(path).url, regions, more)

describe('the verdict of three regions', () => {
  test('one that is down of them is degraded, two are down, and an incident does not wait for the next interval', async () => {
    const { person, id } = await alone('/three', ['weur', 'oc'])
    const weur = await startAgent(service, person, 'weur')
    const oc = await startAgent(service, person, 'oc')
    await services.engine.runDue()
    expect(await weur.report(await weur.claim(), { status: 'up' })).toEqual(['accepted'])
    expect(await oc.report(await oc.claim(), { status: 'up' })).toEqual(['accepted'])
    expect(await services.engine.runDue()).toBe(0)

    clock.advance(60_000)
    await services.engine.runDue()
    expect(await weur.report(await weur.claim(), { status: 'down' })).toEqual(['accepted'])
    expect(await services.engine.runDue()).toBe(1)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'degraded', consecutive_failures: 0 })
    expect(await incidentsOf(service, id)).toEqual([])

    expect(await oc.report(await oc.claim(), { status: 'down' })).toEqual(['accepted'])
    expect(await services.engine.runDue()).toBe(1)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down', consecutive_failures: 1 })
    const opened = await incidentsOf(service, id)
    expect(opened).toMatchObject([{ cause: 'down', resolved_at: null }])

    // The same once more is no reason to look again.
    clock.advance(60_000)
    await services.engine.runDue()
    expect(await weur.report(await weur.claim(), { status: 'down' })).toEqual(['accepted'])
    expect(await services.engine.runDue()).toBe(0)
    expect(await oc.report(await oc.claim(), { status: 'up' })).toEqual(['accepted'])
    expect(await services.engine.runDue()).toBe(1)
    expect(await incidentsOf(service, id)).toMatchObject([{ auto_resolved: true }])
    const history = await service.client(person.session).uptime.checkHistory.list(id, { region: 'weur' })
    expect(history.map(({ status, region, errorMessage }) => [status, region, errorMessage])).toEqual([
      ['down', 'weur', 'seen from weur'],
      ['down', 'weur', 'seen from weur'],
      ['up', 'weur', null],
    ])
  })

  test('a region that has been silent for two intervals has no vote', async () => {
    const { person, id } = await alone('/silent', ['weur', 'oc'])
    const weur = await startAgent(service, person, 'weur')
    await services.engine.runDue()
    expect(await weur.report(await weur.claim(), { status: 'down' })).toEqual(['accepted'])
    await services.engine.runDue()
    // Of the two that have spoken half is not most; the third never has.
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'degraded' })
    await nextRound(service, 121)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'up' })
    // Nor is it a reason to look again when another region speaks.
    const oc = await startAgent(service, person, 'oc')
    expect(await oc.report(await oc.claim(), { status: 'up' })).toEqual(['accepted'])
    expect(await services.engine.runDue()).toBe(0)
  })

  test('its threshold counts local checks, however many regions report', async () => {
    const { person, id } = await alone('/threshold', ['weur', 'oc'], { alertThreshold: 3 })
    const agents = [await startAgent(service, person, 'weur'), await startAgent(service, person, 'oc')]
    await services.engine.runDue()
    down.add('/threshold')
    for (let failures = 1; failures <= 3; failures += 1) {
      await nextRound(service)
      for (const agent of agents) await agent.report(await agent.claim(), { status: 'down' })
      await services.engine.runDue()
      expect((await stateOf(service, id)).consecutive_failures).toBe(failures)
      expect(await incidentsOf(service, id)).toHaveLength(failures === 3 ? 1 : 0)
    }
  })

  test('a maintenance window is one for all regions', async () => {
    const { person, id } = await alone('/maintenance', ['weur', 'oc'])
    const agents = [await startAgent(service, person, 'weur'), await startAgent(service, person, 'oc')]
    await services.engine.runDue()
    const hour = 3_600_000
    await service.client(person.session).uptime.maintenanceWindows.create({
      title: 'New disks',
      monitorIds: [id],
      startsAt: new Date(clock.now().getTime() - 1000).toISOString(),
      endsAt: new Date(clock.now().getTime() + hour).toISOString(),
    })
    for (const agent of agents) await agent.report(await agent.claim(), { status: 'down' })
    await services.engine.runDue()
    expect(await incidentsOf(service, id)).toEqual([])
    const rows = await checksOf(service, id)
    expect(rows.filter(({ in_maintenance, status }) => in_maintenance && status === 'down')).toHaveLength(2)
  })

  test('a result older than two intervals is refused, and the check goes on in its schedule', async () => {
    const { person, id } = await alone('/old', ['weur'], { intervalSec: 30 })
    const agent = await startAgent(service, person, 'weur')
    const held = await agent.claim()
    expect(await agent.report(held, { status: 'down', ageMs: 60_000 })).toEqual(['too_late'])
    expect(await checksOf(service, id)).toEqual([])
    const [kept] = await regionChecksOf(service, id)
    expect(kept).toMatchObject({ claimed_until: null, claimed_by: null })
    expect(kept?.next_check_at?.getTime()).toBeGreaterThan(clock.now().getTime())
  })
})

test('reports, local checks and changes of the monitors at the same time are in nobody’s way', async () => {
  const person = await newOwner(service)
  const client = service.client(person.session)
  const { monitors } = await client.uptime.monitors.bulkCreate({
    monitors: Array.from({ length: 20 }, (_, index) =>
      website({ type: 'http', url: site(`/crowd/${index}`).url, regions: ['weur', 'oc'] }),
    ),
  })
  const ids = monitors.map(({ id }) => id)
  const agents = [await startAgent(service, person, 'weur'), await startAgent(service, person, 'oc')]
  await nextRound(service)
  for (let round = 0; round < 4; round += 1) {
    for (const id of ids) {
      await makeRegionsDue(service, id)
      await makeDue(service, id)
    }
    const claimed = await Promise.all(agents.map((agent) => agent.claim()))
    const status = round % 2 === 0 ? 'down' : 'up'
    const [outcomes] = await Promise.all([
      Promise.all(agents.map((agent, index) => agent.report((claimed[index] ?? []).toReversed(), { status }))),
      services.engine.runDue(),
      client.uptime.monitors.bulkUpdate({ ids: ids.slice(0, 5), patch: { paused: round % 2 === 0 } }),
      client.uptime.monitors.bulkUpdate({
        ids: ids.slice(5, 10).toReversed(),
        patch: { intervalSec: round % 2 === 0 ? 30 : 60 },
      }),
    ])
    // The last ten were touched by nobody else.
    const untouched = claimed.flatMap((checks, index) =>
      checks
        .toReversed()
        .flatMap(({ monitorId }, place) => (monitorId >= (ids[10] ?? 0) ? [outcomes[index]?.[place]] : [])),
    )
    expect(untouched).toEqual(Array(20).fill('accepted'))
  }
})
