import { describe, expect, test } from 'vitest'
import { dueMonitor, eventsOf, incidentsOf, makeDue, newOwner, nextRound, stateOf } from '../support/engine.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const owner = await newOwner(service)
const { engine, database } = service.services

const down = new Set<string>()
const sink = await startHttpSink((request, response) => {
  response.writeHead(down.has(request.url ?? '') ? 500 : 200).end()
})
const at = (path: string, more = {}) => ({
  url: `${sink.url}${path}`,
  type: 'http' as const,
  intervalSec: 60 as const,
  ...more,
})

async function found(monitorId: number, region: string, status: 'up' | 'down', secondsAgo = 0): Promise<void> {
  const row = {
    monitor_id: monitorId,
    region,
    status,
    error_message: status === 'up' ? null : `seen from ${region}`,
    checked_at: new Date(service.clock.now().getTime() - secondsAgo * 1000),
  }
  await database.db
    .insertInto('region_results')
    .values(row)
    .onConflict((conflict) => conflict.columns(['monitor_id', 'region']).doUpdateSet(row))
    .execute()
}

describe('several regions', () => {
  test('down needs most of them, fewer are degraded, and who has been silent has no vote', async () => {
    const id = await dueMonitor(service, owner, at('/regions', { regions: ['local', 'weur', 'oc'] }))
    down.add('/regions')
    await found(id, 'weur', 'up')
    await found(id, 'oc', 'up')
    await engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'degraded' })
    expect(await incidentsOf(service, id)).toEqual([])

    service.clock.advance(60_000)
    await found(id, 'weur', 'down')
    await found(id, 'oc', 'up')
    await engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down' })
    expect(await incidentsOf(service, id)).toHaveLength(1)

    service.clock.advance(60_000)
    down.delete('/regions')
    await found(id, 'weur', 'down', 121)
    await found(id, 'oc', 'down', 121)
    await engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'up' })
    expect(await incidentsOf(service, id)).toMatchObject([{ auto_resolved: true }])
  })
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
    down.clear()
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
    down.clear()
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
    down.clear()
  })
})
