import { describe, expect, it } from 'vitest'
import { createCast } from '../support/actors.ts'
import { dayMs, type GivenCheck, minuteMs, recordChecks } from '../support/checks.ts'
import { sendJson, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const now = new Date('2026-05-13T18:20:30.000Z')
const service = await freshService({ now })
const cast = await createCast(service)
const { monitors, checkHistory } = service.client(cast.owner.session).uptime
const { organizationId } = cast.owner

async function newMonitor(checks: readonly GivenCheck[] = []): Promise<number> {
  const { id } = await monitors.create(website())
  await recordChecks(service, { organizationId, monitorId: id }, checks)
  return id
}

describe('the timeline', () => {
  it.each([
    { hours: 1, bucketSec: 60, count: 60 },
    { hours: 4, bucketSec: 60, count: 240 },
    { hours: 5, bucketSec: 300, count: 60 },
    { hours: 24, bucketSec: 300, count: 288 },
    { hours: 25, bucketSec: 3600, count: 25 },
    { hours: 288, bucketSec: 3600, count: 288 },
    { hours: 289, bucketSec: 86400, count: 13 },
    { hours: 2160, bucketSec: 86400, count: 90 },
  ])('of $hours hours has $count pieces of $bucketSec s', async ({ hours, bucketSec, count }) => {
    const id = await newMonitor()
    const timeline = await checkHistory.timeline(id, { hours })
    expect(timeline.bucketSec).toBe(bucketSec)
    const starts = timeline.buckets.map(({ ts }) => Date.parse(ts))
    const last = Math.floor(now.getTime() / 1000 / bucketSec) * bucketSec * 1000
    expect(starts).toEqual(Array.from({ length: count }, (_, index) => last - (count - 1 - index) * bucketSec * 1000))
    const empty = { status: null, up: 0, degraded: 0, down: 0, uptimePct: null, avgMs: null }
    for (const bucket of timeline.buckets) expect(bucket).toEqual({ ts: bucket.ts, ...empty })
  })

  it('is of a day unless it is said otherwise', async () => {
    expect((await checkHistory.timeline(await newMonitor())).buckets).toHaveLength(288)
  })

  it('counts every check in its piece, at each scale', async () => {
    const statuses = ['up', 'up', 'degraded', 'up', 'down'] as const
    const checks = Array.from({ length: 2 * 24 * 6 }, (_, index): GivenCheck => {
      const status = statuses[index % statuses.length] ?? 'up'
      const timed = status === 'down' ? {} : { ms: 100 + (index % 7) }
      return { at: new Date(now.getTime() - index * 10 * minuteMs), status, ...timed }
    })
    const id = await newMonitor(checks)
    for (const bucketSec of [600, 1800, 3600, 21600, 86400]) {
      const { buckets } = await checkHistory.timeline(id, { hours: 24, bucketSec })
      for (const bucket of buckets) {
        const start = Date.parse(bucket.ts)
        const own = checks.filter(({ at }) => at.getTime() >= start && at.getTime() < start + bucketSec * 1000)
        const count = (wanted: string) => own.filter(({ status }) => status === wanted).length
        const times = own.flatMap(({ ms }) => (ms === undefined ? [] : [ms]))
        const share = ((count('up') + count('degraded')) / own.length) * 100
        expect(bucket).toEqual({
          ts: bucket.ts,
          status: count('down') > 0 ? 'down' : count('degraded') > 0 ? 'degraded' : 'up',
          up: count('up'),
          degraded: count('degraded'),
          down: count('down'),
          uptimePct: Math.floor(share * 1000) / 1000,
          avgMs: times.length === 0 ? null : Math.round(times.reduce((sum, time) => sum + time, 0) / times.length),
        })
      }
    }
  })

  it('shows nothing where there was nothing, between what was', async () => {
    const id = await newMonitor([
      { at: new Date('2026-05-13T18:19:59.999Z'), status: 'up', ms: 90 },
      { at: new Date('2026-05-13T18:05:00.000Z'), status: 'down' },
      { at: new Date('2026-05-12T18:24:59.999Z'), status: 'down' },
    ])
    const { buckets } = await checkHistory.timeline(id)
    const filled = buckets.filter(({ status }) => status !== null)
    expect(filled.map(({ ts, status, uptimePct, avgMs }) => ({ ts, status, uptimePct, avgMs }))).toEqual([
      { ts: '2026-05-13T18:05:00.000Z', status: 'down', uptimePct: 0, avgMs: null },
      { ts: '2026-05-13T18:15:00.000Z', status: 'up', uptimePct: 100, avgMs: 90 },
    ])
    expect(buckets[0]?.ts).toBe('2026-05-12T18:25:00.000Z')
  })

  it('counts once for all regions, whatever its scale', async () => {
    const id = await newMonitor([
      { at: new Date(now.getTime() - minuteMs), status: 'up', ms: 10 },
      { at: new Date(now.getTime() - minuteMs), status: 'up', ms: 900, region: 'weur' },
    ])
    for (const hours of [1, 24, 48, 720]) {
      const { buckets } = await checkHistory.timeline(id, { hours })
      const filled = buckets.filter(({ up }) => up > 0)
      expect(filled, `${hours} hours`).toEqual([expect.objectContaining({ up: 1, avgMs: 10 })])
    }
  })

  it('reads a long while without the checks themselves, which are gone by then', async () => {
    const id = await newMonitor(
      Array.from(
        { length: 89 },
        (_, day): GivenCheck => ({
          at: new Date(now.getTime() - day * dayMs),
          status: day === 40 ? 'down' : 'up',
          ms: 100 + day,
        }),
      ),
    )
    await service.services.database.db.deleteFrom('checks').where('monitor_id', '=', id).execute()
    const { buckets } = await checkHistory.timeline(id, { hours: 2160 })
    expect(buckets.map(({ status }) => status)).toEqual(
      Array.from({ length: 90 }, (_, index) => (index === 0 ? null : index === 49 ? 'down' : 'up')),
    )
    const fine = await checkHistory.timeline(id, { hours: 2160, bucketSec: 28800 })
    expect(fine.buckets).toHaveLength(270)
    expect(fine.buckets.filter(({ status }) => status !== null)).toHaveLength(89)
    expect((await checkHistory.timeline(id, { hours: 24 })).buckets.every(({ status }) => status === null)).toBe(true)
  })

  it('refuses sizes that are out of step or too small', async () => {
    const id = await newMonitor()
    for (const query of ['bucketSec=61', 'bucketSec=420', 'bucketSec=5400', 'bucketSec=18000', 'bucketSec=240']) {
      const answer = await sendJson(service, cast.viewer, 'GET', `/api/v1/monitors/${id}/timeline?${query}`)
      expect(answer.json, query).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path: 'bucketSec' }] })
    }
    for (const [query, path] of [
      ['hours=0', 'hours'],
      ['hours=2161', 'hours'],
      ['bucketSec=59', 'bucketSec'],
      ['bucketSec=86401', 'bucketSec'],
    ] as const) {
      const answer = await sendJson(service, cast.viewer, 'GET', `/api/v1/monitors/${id}/timeline?${query}`)
      expect(answer.json, query).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path }] })
    }
    expect((await checkHistory.timeline(id, { hours: 1, bucketSec: 86400 })).buckets).toHaveLength(1)
    expect((await checkHistory.timeline(id, { hours: 48, bucketSec: 600 })).buckets).toHaveLength(288)
  })
})
