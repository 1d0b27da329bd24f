import { describe, expect, test } from 'vitest'
import { histogramOf } from '../support/checks.ts'
import { checksOf, dueMonitor, incidentsOf, makeDue, newOwner, nextRound, stateOf } from '../support/engine.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

// At noon, so that the tests stay within a day.
const service = await freshService({
  env: { OUTBOUND_ALLOW: '127.0.0.0/8' },
  now: new Date('2031-05-01T12:00:00.000Z'),
})
await service.services.queue.start()
const owner = await newOwner(service)
const { engine, database } = service.services

let answersWith = 200
const sink = await startHttpSink((_request, response) => void response.writeHead(answersWith).end())
const target = (more = {}) => ({ url: sink.url, type: 'http' as const, intervalSec: 60 as const, ...more })

describe('maintenance', () => {
  test('checks are stored apart, count for nothing, and counting begins anew when it is over', async () => {
    answersWith = 500
    const id = await dueMonitor(service, owner, target({ alertThreshold: 2 }))
    await engine.runDue()
    const start = service.clock.now()
    const window = await database.db
      .insertInto('maintenance_windows')
      .values({
        organization_id: owner.organizationId,
        title: 'Upgrade',
        whole_organization: false,
        starts_at: start,
        ends_at: new Date(start.getTime() + 150_000),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await database.db
      .insertInto('maintenance_window_monitors')
      .values({ window_id: window.id, monitor_id: id })
      .execute()
    await nextRound(service)
    await nextRound(service)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down', consecutive_failures: 0 })
    expect((await checksOf(service, id)).map(({ in_maintenance }) => in_maintenance)).toEqual([false, true, true])
    const rollups = await database.db
      .selectFrom('check_rollups_hourly')
      .selectAll()
      .where('monitor_id', '=', id)
      .execute()
    expect(rollups.reduce((sum, { in_maintenance }) => sum + in_maintenance, 0)).toBe(2)
    expect(rollups.reduce((sum, { down }) => sum + down, 0)).toBe(1)
    await nextRound(service)
    expect(await incidentsOf(service, id)).toEqual([])
    await nextRound(service)
    expect(await incidentsOf(service, id)).toHaveLength(1)
  })

  test('covers a check that began in it and ends after it, and one that began before', async () => {
    const { monitors, maintenanceWindows } = service.client(owner.session).uptime
    answersWith = 500
    for (const [startsIn, endsIn] of [
      [-60, 5],
      [5, 60],
    ] as const) {
      await using slow = await startHttpSink((_request, response) => {
        service.clock.advance(10_000)
        response.writeHead(500).end()
      })
      const id = await dueMonitor(service, owner, target({ url: slow.url }))
      const at = (seconds: number) => new Date(service.clock.now().getTime() + seconds * 1000).toISOString()
      const window = { monitorIds: [id], startsAt: at(startsIn), endsAt: at(endsIn) }
      await maintenanceWindows.create(window)
      await engine.runDue()
      expect(await checksOf(service, id)).toMatchObject([{ status: 'down', in_maintenance: true }])
      expect(await stateOf(service, id)).toMatchObject({ last_status: 'down', consecutive_failures: 0 })
      expect(await incidentsOf(service, id)).toEqual([])
      await monitors.delete(id)
    }
  })

  test('that comes and goes between two checks ends the count as well', async () => {
    answersWith = 500
    const id = await dueMonitor(service, owner, target({ alertThreshold: 2, intervalSec: 3600 }))
    await engine.runDue()
    const at = (seconds: number) => new Date(service.clock.now().getTime() + seconds * 1000).toISOString()
    const { maintenanceWindows } = service.client(owner.session).uptime
    await maintenanceWindows.create({ monitorIds: [id], startsAt: at(600), endsAt: at(1200) })
    await nextRound(service, 3600)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down', consecutive_failures: 1 })
    expect(await incidentsOf(service, id)).toEqual([])
    await nextRound(service, 3600)
    expect(await incidentsOf(service, id)).toHaveLength(1)
  })
})

describe('the uptime target', () => {
  test('is not judged below twenty checks, breached once, and met again when it is', async () => {
    answersWith = 500
    const id = await dueMonitor(service, owner, target({ uptimeTargetBp: 950, alertThreshold: 10 }))
    const yesterday = new Date(service.clock.now().getTime() - 86_400_000)
    const earlier = {
      organization_id: owner.organizationId,
      monitor_id: id,
      starts_at: new Date(`${yesterday.toISOString().slice(0, 10)}T00:00:00Z`),
      ...{ up: 17, degraded: 0, down: 0, in_maintenance: 500, response_count: 17, response_sum_ms: 17 },
      ...{ response_min_ms: 1, response_max_ms: 1, histogram: histogramOf(1).map((count) => count * 17) },
    }
    await database.db.insertInto('check_rollups_daily').values(earlier).execute()
    await engine.runDue()
    await nextRound(service)
    expect(await stateOf(service, id)).toMatchObject({ slo_breach_open: false, consecutive_failures: 2 })
    await nextRound(service)
    await nextRound(service)
    expect((await stateOf(service, id)).slo_breach_open).toBe(true)
    expect(await incidentsOf(service, id)).toMatchObject([
      { cause: 'slo', severity: 'major', error_message: 'the uptime over 30 days is below 95 %', resolved_at: null },
    ])
    answersWith = 200
    await nextRound(service)
    expect((await stateOf(service, id)).slo_breach_open).toBe(true)
    await database.db.updateTable('check_rollups_daily').set({ up: 100 }).where('monitor_id', '=', id).execute()
    await nextRound(service)
    expect((await stateOf(service, id)).slo_breach_open).toBe(false)
    expect(await incidentsOf(service, id)).toMatchObject([{ cause: 'slo', auto_resolved: true }])
  })

  test('is judged as soon as there are twenty checks, also when the twentieth is fine', async () => {
    answersWith = 500
    const id = await dueMonitor(service, owner, target({ uptimeTargetBp: 999, alertThreshold: 10 }))
    await engine.runDue()
    answersWith = 200
    for (let round = 0; round < 18; round += 1) await nextRound(service)
    expect(await stateOf(service, id)).toMatchObject({ slo_breach_open: false })
    await nextRound(service)
    expect(await stateOf(service, id)).toMatchObject({ slo_breach_open: true, last_status: 'up' })
    expect(await incidentsOf(service, id)).toMatchObject([{ cause: 'slo', resolved_at: null }])
  })

  test('is judged once a day too, because good days grow old and targets change', async () => {
    answersWith = 200
    const id = await dueMonitor(service, owner, target({ uptimeTargetBp: 900, uptimeWindowDays: 7 }))
    await engine.runDue()
    const today = Math.floor(service.clock.now().getTime() / 86_400_000)
    const day = (daysAgo: number, counts: { up: number; down: number }) => ({
      organization_id: owner.organizationId,
      monitor_id: id,
      starts_at: new Date((today - daysAgo) * 86_400_000),
      ...{ degraded: 0, in_maintenance: 0, response_count: 0, response_sum_ms: 0, histogram: histogramOf(null) },
      ...counts,
    })
    const earlier = [day(6, { up: 1000, down: 0 }), day(3, { up: 50, down: 50 })]
    await database.db.insertInto('check_rollups_daily').values(earlier).execute()
    await nextRound(service)
    expect((await stateOf(service, id)).slo_breach_open).toBe(false)
    service.clock.advance(2 * 86_400_000)
    await makeDue(service, id)
    await engine.runDue()
    expect((await stateOf(service, id)).slo_breach_open).toBe(true)
  })
})
