import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createCast, createOrganization, createPerson, createToken } from '../support/actors.ts'
import { dayMs, type GivenCheck, hourMs, minuteMs, recordChecks } from '../support/checks.ts'
import { codeOf, sendJson, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const now = new Date('2026-05-13T18:20:30.000Z')
const service = await freshService({ now })
const cast = await createCast(service)
const client = service.client(cast.viewer.session)
const { checkHistory } = client.uptime

function ago(milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds)
}

async function newMonitor(checks: readonly GivenCheck[] = []): Promise<number> {
  const { id } = await service.client(cast.owner.session).uptime.monitors.create(website())
  await recordChecks(service, { organizationId: cast.owner.organizationId, monitorId: id }, checks)
  return id
}

const every = (length: number, count: number, check: (index: number) => Omit<GivenCheck, 'at'>): GivenCheck[] =>
  Array.from({ length: count }, (_, index) => ({ at: ago(index * length), ...check(index) }))

describe('the list', () => {
  it('shows what was found, newest first', async () => {
    const id = await newMonitor([
      { at: ago(2 * minuteMs), status: 'up', ms: 120, statusCode: 200 },
      { at: ago(minuteMs), status: 'down', statusCode: 503, error: 'answered with status 503', inMaintenance: true },
      { at: ago(0), status: 'degraded', ms: 2100, statusCode: 200, region: 'weur' },
    ])
    expect(await checkHistory.list(id)).toEqual([
      {
        id: expect.any(Number),
        checkedAt: '2026-05-13T18:20:30.000Z',
        status: 'degraded',
        responseTimeMs: 2100,
        statusCode: 200,
        errorMessage: null,
        region: 'weur',
        inMaintenance: false,
        cursor: expect.any(String),
      },
      expect.objectContaining({ status: 'down', responseTimeMs: null, errorMessage: 'answered with status 503' }),
      expect.objectContaining({ status: 'up', responseTimeMs: 120, checkedAt: '2026-05-13T18:18:30.000Z' }),
    ])
    expect((await checkHistory.list(id))[1]).toMatchObject({ statusCode: 503, inMaintenance: true })
  })

  it('goes on page by page, over days and over checks of one moment, and misses none', async () => {
    const regions = ['local', 'weur', 'enam', 'apac', 'oc']
    const moments = every(7 * hourMs, 12, () => ({ status: 'up' }))
    const id = await newMonitor(moments.flatMap((check) => regions.map((region) => ({ ...check, region }))))
    const seen = new Set<number>()
    const times: string[] = []
    for await (const check of checkHistory.list(id, { limit: 7 })) {
      seen.add(check.id)
      times.push(check.checkedAt)
    }
    expect(seen.size).toBe(60)
    expect(times).toHaveLength(60)
    expect(times).toEqual(times.toSorted().reverse())
  })

  it('tells moments apart that differ by microseconds', async () => {
    const id = await newMonitor([{ at: ago(0), status: 'up' }])
    const { db } = service.services.database
    for (const more of ['1 microsecond', '999 microseconds']) {
      await sql`
        INSERT INTO checks (organization_id, monitor_id, checked_at, region, status)
        VALUES (${cast.owner.organizationId}, ${id}, ${now}::timestamptz + ${more}::interval, 'local', 'up')`.execute(
        db,
      )
    }
    const pages: string[][] = []
    for await (const page of checkHistory.list(id, { limit: 1 }).pages()) pages.push(page.map(({ cursor }) => cursor))
    expect(new Set(pages.flat()).size).toBe(3)
  })

  it('can be narrowed down', async () => {
    const id = await newMonitor(
      every(hourMs, 50, (index) => ({
        status: index % 10 === 0 ? 'down' : index % 10 === 5 ? 'degraded' : 'up',
        region: index % 2 === 0 ? 'local' : 'apac',
      })),
    )
    const count = async (query: Parameters<typeof checkHistory.list>[1]) => (await checkHistory.list(id, query)).length
    expect(await count({ status: 'down' })).toBe(5)
    expect(await count({ status: 'degraded' })).toBe(5)
    expect(await count({ status: 'up' })).toBe(40)
    expect(await count({ region: 'apac' })).toBe(25)
    expect(await count({ region: 'apac', status: 'down' })).toBe(0)
    // `from` belongs to it, `to` does not.
    const from = ago(20 * hourMs).toISOString()
    const to = ago(10 * hourMs).toISOString()
    expect(await count({ from, to })).toBe(10)
    expect(await count({ from: to, to })).toBe(0)
    expect((await checkHistory.list(id, { from, limit: 500 })).at(-1)?.checkedAt).toBe(from)
    const [, second] = await checkHistory.list(id, { status: 'down', limit: 2 })
    const rest = await checkHistory.list(id, { status: 'down', before: second?.cursor ?? '' })
    expect(rest.map(({ checkedAt }) => checkedAt)).toEqual(
      [20, 30, 40].map((hours) => ago(hours * hourMs).toISOString()),
    )
  })

  it('refuses what makes no sense', async () => {
    const id = await newMonitor()
    expect(await codeOf(checkHistory.list(id, { from: now.toISOString(), to: ago(1).toISOString() }))).toBe(
      'BAD_TIME_RANGE',
    )
    for (const [query, path] of [
      ['limit=501', 'limit'],
      ['limit=0', 'limit'],
      ['before=1778695260000000', 'before'],
      ['before=1778695260000000-', 'before'],
      ['status=paused', 'status'],
      ['region=moon', 'region'],
      ['offset=1', 'offset'],
    ] as const) {
      const answer = await sendJson(service, cast.viewer, 'GET', `/api/v1/monitors/${id}/checks?${query}`)
      expect(answer.json, query).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path }] })
    }
  })
})

describe('the figures', () => {
  it('say nothing about a monitor without checks', async () => {
    const id = await newMonitor()
    expect(await checkHistory.stats(id)).toEqual({
      window: '24h',
      from: '2026-05-12T18:00:00.000Z',
      to: '2026-05-13T18:20:30.000Z',
      checks: 0,
      up: 0,
      degraded: 0,
      down: 0,
      uptimePct: null,
      avgMs: null,
      minMs: null,
      maxMs: null,
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
      slo: { targetPct: 99.9, windowDays: 30, achievedPct: null, checks: 0, minChecks: 20, state: 'no_data' },
    })
  })

  it('count what each window holds, to the hour', async () => {
    const id = await newMonitor([
      { at: new Date('2026-05-13T18:20:00.000Z'), status: 'up', ms: 100 },
      { at: new Date('2026-05-12T18:00:00.000Z'), status: 'degraded', ms: 3000 },
      { at: new Date('2026-05-12T17:59:59.999Z'), status: 'down' },
      { at: new Date('2026-05-06T18:00:00.000Z'), status: 'up', ms: 200 },
      { at: new Date('2026-05-06T17:59:00.000Z'), status: 'down' },
      { at: new Date('2026-04-13T18:00:00.000Z'), status: 'up', ms: 50 },
      { at: new Date('2026-04-13T17:59:00.000Z'), status: 'down' },
      { at: new Date('2026-02-12T18:00:00.000Z'), status: 'up', ms: 40 },
      { at: new Date('2026-02-12T17:59:00.000Z'), status: 'down' },
    ])
    const counted = async (window: '24h' | '7d' | '30d' | '90d') => {
      const { checks, up, degraded, down, uptimePct, minMs, maxMs, avgMs } = await checkHistory.stats(id, { window })
      return { checks, up, degraded, down, uptimePct, minMs, maxMs, avgMs }
    }
    const day = { checks: 2, up: 1, degraded: 1, down: 0, uptimePct: 100, minMs: 100, maxMs: 3000, avgMs: 1550 }
    expect(await counted('24h')).toEqual(day)
    const week = { ...day, checks: 4, up: 2, down: 1, uptimePct: 75, avgMs: 1100 }
    expect(await counted('7d')).toEqual(week)
    const month = { ...week, checks: 6, up: 3, down: 2, uptimePct: 66.666, minMs: 50, avgMs: 838 }
    expect(await counted('30d')).toEqual(month)
    const quarter = { ...month, checks: 8, up: 4, down: 3, uptimePct: 62.5, minMs: 40, avgMs: 678 }
    expect(await counted('90d')).toEqual(quarter)
  })

  it('never round up to 100', async () => {
    const id = await newMonitor()
    const { db } = service.services.database
    const empty = { response_count: 0, response_sum_ms: 0, histogram: [] }
    await db
      .insertInto('check_rollups_daily')
      .values({
        organization_id: cast.owner.organizationId,
        monitor_id: id,
        starts_at: new Date('2026-05-13T00:00:00.000Z'),
        ...{ up: 1_000_000, degraded: 0, down: 1, in_maintenance: 0, ...empty },
      })
      .execute()
    expect(await checkHistory.stats(id)).toMatchObject({ uptimePct: 99.999, slo: { achievedPct: 99.999, state: 'ok' } })
  })

  it('leave out what maintenance covers', async () => {
    const id = await newMonitor([
      ...every(minuteMs, 30, () => ({ status: 'up', ms: 80 })),
      ...every(minuteMs, 30, () => ({ status: 'down', inMaintenance: true })),
    ])
    expect(await checkHistory.stats(id)).toMatchObject({ checks: 30, down: 0, uptimePct: 100, slo: { state: 'ok' } })
    const { buckets } = await checkHistory.timeline(id, { hours: 1 })
    expect(buckets.map(({ down }) => down)).toEqual(new Array(60).fill(0))
    expect(buckets.filter(({ status }) => status === 'up')).toHaveLength(30)
  })

  it('give percentiles to the width of a bucket', async () => {
    const id = await newMonitor(every(minuteMs, 1000, (index) => ({ status: 'up', ms: index + 1 })))
    const { avgMs, minMs, maxMs, p50Ms, p95Ms, p99Ms } = await checkHistory.stats(id)
    expect({ avgMs, minMs, maxMs }).toEqual({ avgMs: 501, minMs: 1, maxMs: 1000 })
    // Even spread is what the reading between two bounds assumes, so here it is exact.
    expect({ p50Ms, p95Ms, p99Ms }).toEqual({ p50Ms: 500, p95Ms: 950, p99Ms: 990 })
  })

  it('judge the target over its own days, and not by a handful of checks', async () => {
    const id = await newMonitor(every(minuteMs, 19, (index) => ({ status: index === 0 ? 'down' : 'up' })))
    const building = { achievedPct: 94.736, checks: 19, minChecks: 20, state: 'building' }
    expect((await checkHistory.stats(id)).slo).toMatchObject(building)

    const old = await newMonitor([
      ...every(hourMs, 100, () => ({ status: 'up' })),
      { at: ago(10 * dayMs), status: 'down' },
    ])
    const { monitors } = service.client(cast.owner.session).uptime
    expect((await checkHistory.stats(old)).slo).toMatchObject({ checks: 101, achievedPct: 99.009, state: 'breached' })
    await monitors.update(old, { uptimeWindowDays: 7 })
    expect((await checkHistory.stats(old)).slo).toMatchObject({ windowDays: 7, achievedPct: 100, state: 'ok' })
    await monitors.update(old, { uptimeWindowDays: 90, uptimeTargetBp: 990 })
    expect((await checkHistory.stats(old)).slo).toMatchObject({ targetPct: 99, achievedPct: 99.009, state: 'ok' })
  })
})

describe('all three', () => {
  it('belong to the organization', async () => {
    const id = await newMonitor(every(minuteMs, 3, () => ({ status: 'up' })))
    const stranger = service.client(cast.stranger.session).uptime.checkHistory
    for (const missing of [id, 2147483647]) {
      expect(await codeOf(stranger.list(missing))).toBe('NOT_FOUND')
      expect(await codeOf(stranger.stats(missing))).toBe('NOT_FOUND')
      expect(await codeOf(stranger.timeline(missing))).toBe('NOT_FOUND')
    }
  })

  it('need the scope that reads monitors', async () => {
    const id = await newMonitor()
    const { token } = await createToken(service, cast.owner, { scopes: ['incidents:read'] })
    const narrow = service.client(token).uptime.checkHistory
    expect(await codeOf(narrow.list(id))).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await codeOf(narrow.stats(id))).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await codeOf(narrow.timeline(id))).toBe('PAT_SCOPE_INSUFFICIENT')
  })
})

describe('the month', () => {
  it('shows the checks that an organization has used, those of deleted monitors too', async () => {
    const organizationId = await createOrganization(service)
    const owner = await createPerson(service, organizationId, 'owner')
    const own = service.client(owner.session)
    const used = async () => (await own.platform.me.get()).quota.checksUsed
    expect(await used()).toBe(0)
    const { id } = await own.uptime.monitors.create(website())
    await recordChecks(service, { organizationId, monitorId: id }, [
      ...every(hourMs, 5, () => ({ status: 'up' })),
      { at: ago(minuteMs), status: 'down' },
      { at: ago(2 * minuteMs), status: 'down', inMaintenance: true },
      { at: new Date('2026-05-01T00:00:00.000Z'), status: 'up' },
      { at: new Date('2026-04-30T23:59:59.999Z'), status: 'up' },
    ])
    expect(await used()).toBe(8)
    await own.uptime.monitors.delete(id)
    expect(await used()).toBe(8)
  })
})
