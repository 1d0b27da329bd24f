import { planAlerts } from '@owlery/server/uptime/alerts.plan.ts'
import { afterEach, describe, expect, test } from 'vitest'
import {
  checksOf,
  dueMonitor,
  eventsOf,
  incidentsOf,
  makeDue,
  newOwner,
  nextRound,
  stateOf,
} from '../support/engine.ts'
import { deliveriesOf, eventOf } from '../support/incidents.ts'
import { freshService } from '../support/service.ts'
import { startSites } from '../support/sites.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
// Without workers, so that the test decides when alerts are planned.
await service.services.queue.start()
const owner = await newOwner(service)
const { monitors, incidents, maintenanceWindows } = service.client(owner.session).uptime
const { engine, database } = service.services

const { down, site: at } = await startSites()

afterEach(async () => {
  down.clear()
  // What is left over from one test must not be due in the next one.
  await database.db.updateTable('monitor_states').set({ next_check_at: null }).execute()
})

async function dependsOn(child: number, parent: number): Promise<void> {
  await database.db.insertInto('monitor_dependencies').values({ monitor_id: child, depends_on_id: parent }).execute()
}

describe('what depends on something else', () => {
  test('has its alert suppressed while that is down, and is resolved aloud', async () => {
    const parent = await dueMonitor(service, owner, at('/router'))
    const children = [await dueMonitor(service, owner, at('/a')), await dueMonitor(service, owner, at('/b'))]
    for (const child of children) await dependsOn(child, parent)
    await engine.runDue()
    for (const path of ['/router', '/a', '/b']) down.add(path)
    await nextRound(service)
    const [opened] = await incidentsOf(service, parent)
    expect(opened).toMatchObject({ suppressed_by_id: null })
    for (const child of children) {
      expect(await incidentsOf(service, child)).toMatchObject([{ suppressed_by_id: opened?.id }])
      expect((await eventsOf(service, child)).find(({ type }) => type === 'incident.opened')?.data).toMatchObject({
        suppressed: true,
      })
    }
    for (const path of ['/router', '/a', '/b']) down.delete(path)
    await nextRound(service)
    for (const id of [parent, ...children]) {
      expect(await incidentsOf(service, id)).toMatchObject([{ auto_resolved: true }])
      expect((await eventsOf(service, id)).filter(({ type }) => type === 'incident.resolved')).toHaveLength(1)
    }
  })

  test('that fails first waits until somebody has looked at what it depends on', async () => {
    const parent = await dueMonitor(service, owner, at('/switch', { timeoutMs: 1000 }))
    await engine.runDue()
    service.clock.advance(30_000)
    const child = await dueMonitor(service, owner, at('/behind'))
    await dependsOn(child, parent)
    down.add('/switch').add('/behind')
    // Failing makes its parent due at once, which the same call then finds.
    await engine.runDue()
    const [opened] = await incidentsOf(service, parent)
    expect(opened).toMatchObject({ cause: 'down', suppressed_by_id: null })
    expect(await incidentsOf(service, child)).toEqual([])
    await nextRound(service, 3)
    expect(await incidentsOf(service, child)).toMatchObject([{ suppressed_by_id: opened?.id }])
  })

  test('alerts by itself where its parent is fine', async () => {
    const parent = await dueMonitor(service, owner, at('/fine', { timeoutMs: 1000 }))
    const child = await dueMonitor(service, owner, at('/alone'))
    await dependsOn(child, parent)
    await engine.runDue()
    down.add('/alone')
    await makeDue(service, child)
    await engine.runDue()
    await nextRound(service, 3)
    expect(await incidentsOf(service, child)).toMatchObject([{ suppressed_by_id: null }])
    expect(await incidentsOf(service, parent)).toEqual([])
  })

  test('in a circle alerts all the same', async () => {
    const one = await dueMonitor(service, owner, at('/ring/1'))
    const other = await dueMonitor(service, owner, at('/ring/2'))
    await dependsOn(one, other)
    await dependsOn(other, one)
    down.add('/ring/1').add('/ring/2')
    for (let round = 0; round < 12; round += 1) await nextRound(service)
    const incidents = [...(await incidentsOf(service, one)), ...(await incidentsOf(service, other))]
    expect(incidents).toHaveLength(2)
  })

  test('lets what it depends on count by its own interval', async () => {
    const parent = await dueMonitor(service, owner, at('/patient', { alertThreshold: 3 }))
    await engine.runDue()
    service.clock.advance(30_000)
    const child = await dueMonitor(service, owner, at('/hasty', { dependsOn: [parent] }))
    await engine.runDue()
    down.add('/patient').add('/hasty')
    for (const failures of [1, 1, 2, 2]) {
      await nextRound(service, 30)
      expect(await stateOf(service, parent)).toMatchObject({ consecutive_failures: failures })
      expect(await incidentsOf(service, child)).toEqual([])
    }
    for (let round = 0; round < 2; round += 1) await nextRound(service, 30)
    const [opened] = await incidentsOf(service, parent)
    expect(opened).toMatchObject({ cause: 'down', resolved_at: null })
    expect(await incidentsOf(service, child)).toMatchObject([{ suppressed_by_id: opened?.id }])
    expect(await checksOf(service, parent)).toHaveLength(4)
  })

  test('does not make a heartbeat late, and waits for one that is late soon', async () => {
    const heartbeat = { type: 'heartbeat', url: 'host', intervalSec: 60, heartbeatGraceSec: 60 } as const
    const { id: parent } = await monitors.create({ ...heartbeat, name: 'host' })
    const child = await dueMonitor(service, owner, at('/service', { dependsOn: [parent] }))
    down.add('/service')
    await engine.runDue()
    await nextRound(service, 100)
    expect(await stateOf(service, parent)).toMatchObject({ last_status: null, consecutive_failures: 0 })
    expect(await incidentsOf(service, child)).toEqual([])
    await nextRound(service, 25)
    const [late] = await incidentsOf(service, parent)
    expect(late).toMatchObject({ error_message: 'no heartbeat was received in time' })
    await nextRound(service, 60)
    expect(await incidentsOf(service, child)).toMatchObject([{ suppressed_by_id: late?.id }])
  })

  test('is not spared because of something that nobody looks at', async () => {
    const parent = await dueMonitor(service, owner, at('/forgotten'))
    const child = await dueMonitor(service, owner, at('/on-its-own', { dependsOn: [parent] }))
    down.add('/forgotten')
    await engine.runDue()
    expect(await incidentsOf(service, parent)).toMatchObject([{ resolved_at: null }])
    await monitors.update(parent, { paused: true })
    down.add('/on-its-own')
    await nextRound(service)
    expect(await incidentsOf(service, child)).toMatchObject([{ suppressed_by_id: null }])
  })

  test('is spared while that is in maintenance, and judged by itself afterwards', async () => {
    const parent = await dueMonitor(service, owner, at('/upgraded'))
    const child = await dueMonitor(service, owner, at('/upon-it', { dependsOn: [parent] }))
    const grandchild = await dueMonitor(service, owner, at('/upon-that', { dependsOn: [child] }))
    const startsAt = service.clock.now()
    const endsAt = new Date(startsAt.getTime() + 150_000)
    await maintenanceWindows.create({
      ...{ title: 'Upgrade', monitorIds: [parent] },
      ...{ startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() },
    })
    for (const path of ['/upgraded', '/upon-it', '/upon-that']) down.add(path)
    await engine.runDue()
    await nextRound(service)
    expect((await monitors.get(child)).consecutiveFailures).toBe(0)
    for (let round = 0; round < 2; round += 1) await nextRound(service)
    const [opened] = await incidentsOf(service, parent)
    expect(opened?.started_at.getTime()).toBeGreaterThan(endsAt.getTime())
    for (const id of [child, grandchild]) {
      const found = await incidentsOf(service, id)
      expect(found.filter(({ suppressed_by_id }) => suppressed_by_id === null)).toEqual([])
    }
    down.delete('/upgraded')
    for (let round = 0; round < 3; round += 1) await nextRound(service)
    expect(await incidentsOf(service, child)).toMatchObject([{ suppressed_by_id: null, resolved_at: null }])
  })
})

describe('what fails on after what it depends on is up again', () => {
  async function hostDown(path: string) {
    const parent = await dueMonitor(service, owner, at(`/host${path}`))
    const alertWebhookUrl = 'http://127.0.0.1:9/alert'
    const child = await dueMonitor(service, owner, at(path, { dependsOn: [parent], alertWebhookUrl }))
    await engine.runDue()
    down.add(`/host${path}`).add(path)
    await nextRound(service)
    const incidentId = (await incidentsOf(service, child))[0]?.id ?? 0
    const told = { organizationId: owner.organizationId, incidentId, monitorId: child }
    const plan = () => planAlerts(service.services, eventOf(service, { ...told, type: 'incident.opened' }))
    await plan()
    expect(await deliveriesOf(service, incidentId)).toMatchObject([{ status: 'suppressed' }])
    return { parent, child, incidentId, plan }
  }

  test('alerts as it would have done', async () => {
    const { parent, child, incidentId, plan } = await hostDown('/broken')
    down.delete('/host/broken')
    await nextRound(service)
    expect(await incidentsOf(service, parent)).toMatchObject([{ auto_resolved: true }])
    expect((await incidentsOf(service, child))[0]?.suppressed_by_id).not.toBeNull()
    await nextRound(service)
    expect(await incidents.get(incidentId)).toMatchObject({ suppressedById: null, resolvedAt: null })
    await plan()
    expect(await deliveriesOf(service, incidentId)).toMatchObject([{ transition: 'opened', status: 'pending' }])
    await nextRound(service)
    const opened = (await eventsOf(service, child)).filter(({ type }) => type === 'incident.opened')
    expect(opened.map(({ data }) => data)).toMatchObject([{ suppressed: true }, { suppressed: false }])
    down.delete('/broken')
    await nextRound(service)
    expect(await incidentsOf(service, child)).toMatchObject([{ auto_resolved: true }])
  })

  test('stays quiet where somebody has acknowledged it, or has come back in time', async () => {
    const [known, slow] = [await hostDown('/known'), await hostDown('/slow')]
    await incidents.acknowledge(known.incidentId)
    down.delete('/host/known')
    down.delete('/host/slow')
    await nextRound(service)
    down.delete('/slow')
    await nextRound(service)
    await nextRound(service)
    for (const { child } of [known, slow]) {
      const opened = (await eventsOf(service, child)).filter(({ type }) => type === 'incident.opened')
      expect(opened).toHaveLength(1)
    }
  })

  test('stays quiet while that fails anew, and is said to be behind that', async () => {
    const { parent, child } = await hostDown('/flapping')
    down.delete('/host/flapping')
    await nextRound(service)
    down.add('/host/flapping')
    await nextRound(service)
    await nextRound(service)
    const again = (await incidentsOf(service, parent))[1]
    expect(again).toMatchObject({ resolved_at: null })
    expect(await incidentsOf(service, child)).toMatchObject([{ suppressed_by_id: again?.id, resolved_at: null }])
  })
})
