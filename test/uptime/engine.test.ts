import { describe, expect, test } from 'vitest'
import { checksOf, dueMonitor, eventsOf, incidentsOf, newOwner, nextRound, stateOf } from '../support/engine.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const owner = await newOwner(service)
const { engine, database } = service.services

let answersWith = 200
const sink = await startHttpSink((_request, response) => void response.writeHead(answersWith).end())
const target = (more = {}) => ({ url: sink.url, type: 'http' as const, intervalSec: 60 as const, ...more })

describe('a due monitor', () => {
  test('is checked once, recorded with its rollups, and next due a whole interval later', async () => {
    answersWith = 200
    const id = await dueMonitor(service, owner, target())
    const due = (await stateOf(service, id)).next_check_at?.getTime() ?? 0
    service.clock.advance(7000)
    expect(await engine.runDue()).toBe(1)
    expect(await engine.runDue()).toBe(0)
    const state = await stateOf(service, id)
    expect(state).toMatchObject({ last_status: 'up', consecutive_failures: 0, claimed_until: null })
    expect(state.next_check_at?.getTime()).toBe(due + 60_000)
    expect(await checksOf(service, id)).toMatchObject([{ status: 'up', status_code: 200, in_maintenance: false }])
    for (const table of ['check_rollups_hourly', 'check_rollups_daily'] as const) {
      const rollup = await database.db
        .selectFrom(table)
        .selectAll()
        .where('monitor_id', '=', id)
        .executeTakeFirstOrThrow()
      expect(rollup).toMatchObject({ up: 1, degraded: 0, down: 0, in_maintenance: 0, response_count: 1 })
      expect(rollup.histogram.reduce((sum, count) => sum + count, 0)).toBe(1)
    }
    expect(await eventsOf(service, id)).toEqual([])
  })

  test('that was missed for hours is checked once, on its old beat', async () => {
    const id = await dueMonitor(service, owner, target())
    const due = (await stateOf(service, id)).next_check_at?.getTime() ?? 0
    service.clock.advance(3 * 3_600_000 + 11_000)
    await engine.runDue()
    expect(await checksOf(service, id)).toHaveLength(1)
    expect((await stateOf(service, id)).next_check_at?.getTime()).toBe(due + 3 * 3_600_000 + 60_000)
  })

  test('adds up in its rollups', async () => {
    answersWith = 200
    const id = await dueMonitor(service, owner, target())
    await engine.runDue()
    answersWith = 503
    await nextRound(service)
    const rollups = await database.db
      .selectFrom('check_rollups_daily')
      .selectAll()
      .where('monitor_id', '=', id)
      .execute()
    const sum = (pick: (row: (typeof rollups)[number]) => number) =>
      rollups.reduce((total, row) => total + pick(row), 0)
    expect([sum(({ up }) => up), sum(({ down }) => down), sum(({ response_count }) => response_count)]).toEqual([
      1, 1, 1,
    ])
  })

  test('that is paused while it is checked keeps its last status and gets no next check', async () => {
    answersWith = 200
    const monitors = service.client(owner.session).uptime.monitors
    let id = 0
    let isAsked = false
    await using slow = await startHttpSink(async (_request, response) => {
      if (!isAsked) await monitors.update(id, { paused: true })
      isAsked = true
      response.writeHead(500).end()
    })
    id = await dueMonitor(service, owner, target({ url: slow.url }))
    await engine.runDue()
    expect(isAsked).toBe(true)
    expect(await stateOf(service, id)).toMatchObject({ last_status: null, next_check_at: null })
    expect(await checksOf(service, id)).toEqual([])
    await nextRound(service, 120)
    expect(await checksOf(service, id)).toEqual([])
  })

  test('that is changed while it is checked is checked anew, and what was found of it before is forgotten', async () => {
    answersWith = 200
    const monitors = service.client(owner.session).uptime.monitors
    const change = { url: sink.url, expectedStatusCode: 200 }
    let id = 0
    await using wrong = await startHttpSink(async (_request, response) => {
      await monitors.update(id, change)
      response.writeHead(500).end()
    })
    id = await dueMonitor(service, owner, target({ url: wrong.url }))
    await engine.runDue()
    expect(await checksOf(service, id)).toMatchObject([{ status: 'up', status_code: 200 }])
    expect(await incidentsOf(service, id)).toEqual([])
  })
})

describe('from failure to incident', () => {
  test('the threshold opens one incident, the next good result resolves it, and each is told once', async () => {
    answersWith = 200
    const id = await dueMonitor(service, owner, target({ alertThreshold: 2 }))
    await engine.runDue()
    answersWith = 500
    await nextRound(service)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down', consecutive_failures: 1 })
    expect(await incidentsOf(service, id)).toEqual([])
    await nextRound(service)
    await nextRound(service)
    expect(await incidentsOf(service, id)).toMatchObject([
      {
        cause: 'down',
        severity: 'major',
        status: 'investigating',
        error_message: 'the server answered 500',
        resolved_at: null,
      },
    ])
    answersWith = 200
    await nextRound(service)
    await nextRound(service)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'up', consecutive_failures: 0 })
    expect(await incidentsOf(service, id)).toMatchObject([{ status: 'resolved', auto_resolved: true }])
    expect((await eventsOf(service, id)).map(({ type }) => type).sort()).toEqual([
      'incident.opened',
      'incident.resolved',
      'monitor.status_changed',
      'monitor.status_changed',
    ])
  })

  test('a degraded result counts only where it is asked to', async () => {
    answersWith = 200
    await using slow = await startHttpSink((_request, response) => void setTimeout(() => response.end(), 60))
    const degraded = target({ url: slow.url, degradedResponseTimeMs: 20 })
    const quiet = await dueMonitor(service, owner, degraded)
    const loud = await dueMonitor(service, owner, { ...degraded, alertOnDegraded: true })
    await engine.runDue()
    expect(await stateOf(service, quiet)).toMatchObject({ last_status: 'degraded', consecutive_failures: 0 })
    expect(await incidentsOf(service, quiet)).toEqual([])
    expect(await incidentsOf(service, loud)).toMatchObject([{ cause: 'degraded', severity: 'minor' }])
  })

  test('an incident of a degraded monitor grows worse with it, is told of, and grows no better before its end', async () => {
    answersWith = 200
    const limit = { degradedResponseTimeMs: 1, alertOnDegraded: true }
    await using slow = await startHttpSink((_request, response) => {
      setTimeout(() => response.writeHead(answersWith).end(), 60)
    })
    const id = await dueMonitor(service, owner, target({ url: slow.url, ...limit }))
    await engine.runDue()
    const [opened] = await incidentsOf(service, id)
    expect(opened).toMatchObject({ cause: 'degraded', severity: 'minor', resolved_at: null })
    const { incidents } = service.client(owner.session).uptime
    const incidentId = opened?.id ?? 0
    for (const status of [503, 503, 200]) {
      answersWith = status
      await nextRound(service)
      expect(await incidents.get(incidentId)).toMatchObject({
        ...{ cause: 'down', severity: 'major', status: 'investigating', resolvedAt: null },
        title: expect.stringMatching(/ is down$/),
        errorMessage: 'the server answered 503',
        updates: [{ status: 'investigating', body: 'It was degraded, and is down now.', authorUserId: null }],
      })
    }
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'degraded', consecutive_failures: 4 })
    expect(await incidentsOf(service, id)).toHaveLength(1)
    const told = (await eventsOf(service, id)).map(({ type }) => type)
    expect(told.filter((type) => type.startsWith('incident.'))).toEqual(['incident.opened', 'incident.updated'])
  })

  test('after somebody resolved it, the next incident takes the threshold again', async () => {
    answersWith = 500
    const id = await dueMonitor(service, owner, target({ alertThreshold: 2 }))
    await engine.runDue()
    await nextRound(service)
    const { incidents } = service.client(owner.session).uptime
    await incidents.resolve((await incidentsOf(service, id))[0]?.id ?? 0)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down' })
    await nextRound(service)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down', consecutive_failures: 1 })
    expect(await incidentsOf(service, id)).toHaveLength(1)
    await nextRound(service)
    expect((await incidentsOf(service, id)).map(({ resolved_at }) => resolved_at === null)).toEqual([false, true])
  })
})

describe('heartbeats', () => {
  test('are late after interval and grace, once; the schedule follows those that come', async () => {
    const id = await dueMonitor(service, owner, {
      type: 'heartbeat',
      url: 'backup',
      intervalSec: 60,
      heartbeatGraceSec: 30,
    })
    const beat = (at: Date) =>
      database.db
        .updateTable('monitor_states')
        .set({ heartbeat_last_received_at: at })
        .where('monitor_id', '=', id)
        .execute()
    const received = service.clock.now()
    await beat(received)
    await engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({
      last_status: 'up',
      next_check_at: new Date(received.getTime() + 90_000),
    })
    await nextRound(service, 89)
    expect(await incidentsOf(service, id)).toEqual([])
    await nextRound(service, 2)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down' })
    expect(await incidentsOf(service, id)).toMatchObject([{ error_message: 'no heartbeat was received in time' }])
    await beat(service.clock.now())
    await nextRound(service)
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'up', consecutive_failures: 0 })
    expect(await incidentsOf(service, id)).toMatchObject([{ auto_resolved: true }])
  })
})
