import { createApp } from '@owlery/server/app.ts'
import { systemClock } from '@owlery/server/clock.ts'
import { connect } from '@owlery/server/db/connect.ts'
import { createOutbound } from '@owlery/server/outbound/client.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import { claimDue } from '@owlery/server/uptime/engine/claims.store.ts'
import { createEngine } from '@owlery/server/uptime/engine/engine.ts'
import { createBlindness } from '@owlery/server/uptime/engine/outage.ts'
import { recordResults } from '@owlery/server/uptime/engine/record.ts'
import { describe, expect, test } from 'vitest'
import { conformingFetch } from '../support/conforming-fetch.ts'
import { countQueries } from '../support/counted.ts'
import { checksOf, dueMonitor, incidentsOf, makeDue, newOwner, stateOf } from '../support/engine.ts'
import { freshService, origin } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8', LOG_LEVEL: 'info' } })
await service.services.queue.start()
const owner = await newOwner(service)
const { services, clock } = service
const { engine, database } = services
const { db } = database

const slowSink = (busy: { now: number; most: number }) =>
  startHttpSink((_request, response) => {
    busy.now += 1
    busy.most = Math.max(busy.most, busy.now)
    setTimeout(() => {
      busy.now -= 1
      response.end()
    }, 50)
  })
const http = (url: string) => ({ url, type: 'http' as const, intervalSec: 60 as const })
const up = { kind: 'result', status: 'up', responseTimeMs: 5, statusCode: 200, errorMessage: null } as const

describe('several workers', () => {
  test('share what is due: each monitor is checked by one of them', async () => {
    await using sink = await startHttpSink((_request, response) => void response.end())
    const ids = await Promise.all(Array.from({ length: 20 }, () => dueMonitor(service, owner, http(sink.url))))
    const other = createEngine(services)
    const counts = await Promise.all([engine.runDue(), other.runDue()])
    expect(counts[0] + counts[1]).toBe(ids.length)
    for (const id of ids) expect(await checksOf(service, id)).toHaveLength(1)
  })

  test('what a dead one held comes back after its lease, and its late result is refused', async () => {
    await using sink = await startHttpSink((_request, response) => void response.end())
    const id = await dueMonitor(service, owner, http(sink.url))
    const now = clock.now()
    const leaseUntil = new Date(now.getTime() + 60_000)
    expect(await claimDue(db, { now, leaseUntil, limit: 10 })).toMatchObject([{ monitor_id: id }])
    clock.advance(59_000)
    await engine.runDue()
    expect(await checksOf(service, id)).toEqual([])
    clock.advance(2000)
    await engine.runDue()
    expect(await checksOf(service, id)).toHaveLength(1)
    const late = { monitorId: id, leaseUntil, checkedAt: now, finding: up, heartbeatSeen: null, nextCheckAt: undefined }
    expect(await recordResults(services, [late], clock.now())).toBe(0)
    expect(await checksOf(service, id)).toHaveLength(1)
  })

  test('a heartbeat that comes while its silence is written down counts', async () => {
    const id = await dueMonitor(service, owner, { type: 'heartbeat', url: 'job', intervalSec: 60 })
    const now = clock.now()
    const leaseUntil = new Date(now.getTime() + 60_000)
    await claimDue(db, { now, leaseUntil, limit: 10 })
    await db
      .updateTable('monitor_states')
      .set({ heartbeat_last_received_at: now })
      .where('monitor_id', '=', id)
      .execute()
    const finding = { ...up, status: 'down', responseTimeMs: null, statusCode: null } as const
    const judged = { monitorId: id, leaseUntil, checkedAt: now, finding, heartbeatSeen: null, nextCheckAt: undefined }
    expect(await recordResults(services, [judged], now)).toBe(0)
    expect(await incidentsOf(service, id)).toEqual([])
  })
})

describe('one host', () => {
  test('is asked by few at once, and keeps nobody else waiting', async () => {
    const busy = { now: 0, most: 0 }
    await using sink = await slowSink(busy)
    const polite = createEngine({ ...services, clock: systemClock }, { atOncePerHost: 2 })
    const ids = await Promise.all(Array.from({ length: 7 }, () => dueMonitor(service, owner, http(sink.url))))
    const elsewhere = await dueMonitor(service, owner, http(sink.url.replace('127.0.0.1', 'localhost')))
    // The loop keeps the real time.
    await db
      .updateTable('monitor_states')
      .set({ next_check_at: new Date() })
      .where('monitor_id', 'in', [...ids, elsewhere])
      .execute()
    polite.start()
    await expect
      .poll(async () => (await Promise.all(ids.map((id) => checksOf(service, id)))).flat().length, { timeout: 15_000 })
      .toBe(ids.length)
    await polite.stop(2000)
    expect(busy.most).toBeLessThanOrEqual(4)
    expect((await checksOf(service, elsewhere)).length).toBe(1)
    expect((await stateOf(service, elsewhere)).claimed_until).toBeNull()
  })
})

describe('trouble of our own', () => {
  test('is no result: the monitor is tried again soon, and the log says it once', async () => {
    const ids = [
      await dueMonitor(service, owner, http('http://a.nowhere.test/')),
      await dueMonitor(service, owner, http('http://b.nowhere.test/')),
    ]
    const guard = { ...services.guard, locate: async () => ({ ok: false as const, reason: 'invalid' as const }) }
    const nameServers = { answer: async () => false, haveFallenSilent: async () => true }
    const cutOff = createEngine({ ...services, guard }, { checks: { nameServers } })
    const lines = service.logged.length
    expect(await cutOff.runDue()).toBe(0)
    for (const id of ids) {
      expect(await stateOf(service, id)).toMatchObject({ last_status: null, consecutive_failures: 0 })
      expect(await checksOf(service, id)).toEqual([])
      expect((await stateOf(service, id)).claimed_until?.getTime()).toBe(clock.now().getTime() + 10_000)
    }
    expect(service.logged.slice(lines).filter((line) => line.includes('checks fail here'))).toHaveLength(1)
    for (const id of ids) await service.client(owner.session).uptime.monitors.delete(id)
  })

  test('of one target is told once, however often another is fine meanwhile', async () => {
    await using sink = await startHttpSink((_request, response) => void response.end())
    const ids = [await dueMonitor(service, owner, http('http://a.nowhere.test/'))]
    ids.push(await dueMonitor(service, owner, http(sink.url)))
    const nameServers = { answer: async () => false, haveFallenSilent: async () => false }
    const resolve = async (host: string) => {
      if (host === '127.0.0.1') return [host]
      throw new Error('the name servers did not answer')
    }
    const guard = createGuard({ allow: service.services.config.outboundAllow, resolve })
    const halfBlind = createEngine(
      { ...services, guard, outbound: createOutbound({ guard }) },
      { checks: { nameServers } },
    )
    const lines = service.logged.length
    for (let round = 0; round < 3; round += 1) {
      await halfBlind.runDue()
      clock.advance(60_000)
    }
    const told = service.logged.slice(lines).filter((line) => /checks fail here|reach their targets/.test(line))
    expect(told).toHaveLength(1)
    expect((await Promise.all(ids.map((id) => checksOf(service, id)))).map(({ length }) => length)).toEqual([0, 3])
    for (const id of ids) await service.client(owner.session).uptime.monitors.delete(id)
  })

  test('is told of for each reason, and once more when it is over', () => {
    const lines = service.logged.length
    const blindness = createBlindness(services.log, 0)
    for (const reason of ['no sockets', 'no names', 'no sockets']) blindness.begin(reason)
    blindness.end()
    blindness.end()
    const told = service.logged.slice(lines).map((line) => /"reason":"([^"]+)".*(fail here|again)/.exec(line)?.slice(1))
    expect(told).toEqual([
      ['no sockets', 'fail here'],
      ['no names', 'fail here'],
      ['no sockets', 'again'],
      ['no names', 'again'],
    ])
  })

  test('a database that is away is waited for, and told of once', async () => {
    const absent = await connect({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:9/nothing', poolSize: 1 })
    const lines = service.logged.length
    const counted = countQueries(absent.db)
    const waiting = createEngine({ ...services, clock: systemClock, database: { ...absent, db: counted.db } })
    waiting.start()
    await expect.poll(counted.queries, { timeout: 20_000 }).toBeGreaterThan(2)
    expect(waiting.state()).toBe('running')
    await waiting.stop(500)
    await absent.close()
    expect(service.logged.slice(lines).filter((line) => line.includes('the database is away'))).toHaveLength(1)
  })

  test('checks that nobody makes any more end the readiness', async () => {
    const never = { spentBy: () => new Promise<never>(() => undefined) }
    const hanging = createEngine({ ...services, checkQuota: never }, { stallMs: 500 })
    hanging.start()
    expect(hanging.state()).toBe('running')
    await expect.poll(hanging.state, { timeout: 10_000 }).toBe('stalled')
    const fetch = conformingFetch(createApp({ ...services, engine: hanging }), { checkRequests: true })
    const answer = await fetch(`${origin}/health/ready`)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      dependencies: { database: { status: 'ok' }, checks: { status: 'unavailable' } },
    })
    await hanging.stop(100)
    expect(hanging.state()).toBe('off')
  })
})

describe('a process that stood still with claims in its hands', () => {
  test('holds no silence of that time against a heartbeat', async () => {
    const id = await dueMonitor(service, owner, { type: 'heartbeat', url: 'job', intervalSec: 60 })
    // It came a moment ago, so its deadline is not the one that it is due by.
    await db
      .updateTable('monitor_states')
      .set({ heartbeat_last_received_at: clock.now() })
      .where('monitor_id', '=', id)
      .execute()
    let hasStoodStill = false
    const standsStill = async () => {
      if (!hasStoodStill) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200)
        clock.advance(600_000)
      }
      hasStoodStill = true
      return new Set<number>()
    }
    const stopped = createEngine({ ...services, checkQuota: { spentBy: standsStill } })
    await stopped.runDue()
    expect(hasStoodStill).toBe(true)
    expect(await stateOf(service, id)).toMatchObject({ last_status: null, consecutive_failures: 0 })
    expect(await incidentsOf(service, id)).toEqual([])
    await service.client(owner.session).uptime.monitors.delete(id)
  })
})

describe('a clock that was set back', () => {
  test('leaves no monitor alone until the old time comes again', async () => {
    await using sink = await startHttpSink((_request, response) => void response.end())
    const id = await dueMonitor(service, owner, http(sink.url))
    const ahead = new Date(clock.now().getTime() + 3_600_000)
    await db
      .updateTable('monitor_states')
      .set({ next_check_at: ahead, claimed_until: ahead })
      .where('monitor_id', '=', id)
      .execute()
    await createEngine(services).runDue()
    const { next_check_at } = await stateOf(service, id)
    expect(next_check_at?.getTime()).toBeLessThanOrEqual(clock.now().getTime() + 60_000)
    await makeDue(service, id)
    await engine.runDue()
    expect(await checksOf(service, id)).toHaveLength(1)
  })

  test('lets no heartbeat of the old time stand for those that stay away in the new one', async () => {
    const heartbeat = { type: 'heartbeat', url: 'job', intervalSec: 60, heartbeatGraceSec: 30 } as const
    const [judged, heard] = [await dueMonitor(service, owner, heartbeat), await dueMonitor(service, owner, heartbeat)]
    const ahead = new Date(clock.now().getTime() + 3_600_000)
    const states = db.updateTable('monitor_states').set({ heartbeat_last_received_at: ahead })
    await states.where('monitor_id', '=', heard).execute()
    const paused = await dueMonitor(service, owner, heartbeat)
    await states.set({ next_check_at: null }).where('monitor_id', '=', paused).execute()
    await states.set({ next_check_at: ahead }).where('monitor_id', '=', judged).execute()
    const woken = createEngine(services)
    await woken.runDue()
    clock.advance(91_000)
    await woken.runDue()
    for (const id of [judged, heard]) expect(await stateOf(service, id)).toMatchObject({ last_status: 'down' })
    expect(await stateOf(service, paused)).toMatchObject({ last_status: null, next_check_at: null })
  })
})

describe('the checks of a plan', () => {
  test('end with the month’s number of them, but not for heartbeats, and go on in the next month', async () => {
    await using sink = await startHttpSink((_request, response) => void response.end())
    const frugal = await newOwner(service)
    const { organizationId } = frugal
    await db.updateTable('organizations').set({ plan: 'startup' }).where('id', '=', organizationId).execute()
    const id = await dueMonitor(service, frugal, http(sink.url))
    const heartbeat = await dueMonitor(service, frugal, { type: 'heartbeat', url: 'job', intervalSec: 60 })
    const used = {
      ...{
        organization_id: organizationId,
        monitor_id: id,
        starts_at: new Date(clock.now().toISOString().slice(0, 10)),
      },
      ...{
        up: 1_000_000,
        degraded: 0,
        down: 0,
        in_maintenance: 0,
        response_count: 0,
        response_sum_ms: 0,
        histogram: [],
      },
    }
    await db.insertInto('check_rollups_daily').values(used).execute()
    // Longer than a process remembers what it counted.
    clock.advance(60_000)
    await engine.runDue()
    expect(await checksOf(service, id)).toEqual([])
    expect(await checksOf(service, heartbeat)).toHaveLength(1)
    clock.advance(32 * 86_400_000)
    await engine.runDue()
    expect(await checksOf(service, id)).toHaveLength(1)
  })
})
