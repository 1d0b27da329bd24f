import { jobHandlers } from '@owlery/server/compose.ts'
import { checkRetentionJob } from '@owlery/server/uptime/retention.ts'
import { sql } from 'kysely'
import { describe, expect, it, vi } from 'vitest'
import { createCast } from '../support/actors.ts'
import { dayMs, recordChecks } from '../support/checks.ts'
import { website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const now = new Date('2026-05-13T03:25:00.000Z')
const service = await freshService({ now, env: { CHECK_RETENTION_DAYS: '30', ROLLUP_RETENTION_DAYS: '100' } })
const cast = await createCast(service)
const { monitors, checkHistory } = service.client(cast.owner.session).uptime
const { db } = service.services.database
const { organizationId } = cast.owner
const run = () => ({ id: 'retention', attempt: 1, signal: new AbortController().signal })

async function partitions(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'checks'::regclass ORDER BY relname`.execute(db)
  return rows.map(({ name }) => name)
}

async function keptRollups(table: 'check_rollups_hourly' | 'check_rollups_daily', monitorId: number): Promise<Date[]> {
  const rows = await db.selectFrom(table).select('starts_at').where('monitor_id', '=', monitorId).execute()
  return rows.map(({ starts_at }) => starts_at).sort((a, b) => a.getTime() - b.getTime())
}

describe('retention', () => {
  it('forgets old checks a day at a time, and keeps what is newer', async () => {
    const { id: monitorId } = await monitors.create(website())
    const given = Array.from({ length: 40 }, (_, day) => ({
      at: new Date(now.getTime() - day * dayMs),
      status: 'up' as const,
      ms: 100,
    }))
    await recordChecks(service, { organizationId, monitorId }, given)
    // What somebody put there himself is not ours to drop, however old it is.
    await sql`CREATE TABLE checks_archive PARTITION OF checks FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')`.execute(
      db,
    )
    expect(await partitions()).toHaveLength(41)

    await jobHandlers(service.services)['check-retention'](null, run())

    const left = await partitions()
    // 13 April is the day that the moment 30 days ago is in; the days before it have ended by then.
    expect(left.at(0)).toBe('checks_20260413')
    expect(left).not.toContain('checks_20260412')
    expect(left).toContain('checks_archive')
    const seen: string[] = []
    for await (const { checkedAt } of checkHistory.list(monitorId, { limit: 10 })) seen.push(checkedAt)
    expect(seen).toEqual(given.slice(0, 31).map(({ at }) => at.toISOString()))
    // The sums remember what the checks themselves no longer tell.
    expect(await checkHistory.stats(monitorId, { window: '90d' })).toMatchObject({ checks: 40, up: 40 })
    // Running it again finds nothing to do.
    await jobHandlers(service.services)['check-retention'](null, run())
    expect(await partitions()).toEqual(left)
  })

  it('has made the days to come, so that checks have somewhere to go', async () => {
    await jobHandlers(service.services)['check-retention'](null, run())
    const names = await partitions()
    for (const day of ['20260513', '20260514', '20260515']) expect(names).toContain(`checks_${day}`)
  })

  it('forgets old sums in small batches, a bounded number at a time', async () => {
    const { id: monitorId } = await monitors.create(website())
    const days = Array.from({ length: 25 }, (_, index) => 88 + index)
    for (const table of ['check_rollups_hourly', 'check_rollups_daily'] as const) {
      const sums = { up: 1, degraded: 0, down: 0, in_maintenance: 0, response_count: 0, response_sum_ms: 0 }
      const rows = days.map((day) => ({
        ...{ organization_id: organizationId, monitor_id: monitorId, starts_at: new Date(now.getTime() - day * dayMs) },
        ...{ ...sums, histogram: [] },
      }))
      await db.insertInto(table).values(rows).execute()
    }
    const { clock, log, config, checkPartitions } = service.services
    const bounded = { db, clock, log, checkPartitions, retention: config.checkRetention, batch: 4, mostBatches: 2 }
    await checkRetentionJob(bounded)(null, run())
    expect(await keptRollups('check_rollups_hourly', monitorId)).toHaveLength(17)
    expect(await keptRollups('check_rollups_daily', monitorId)).toHaveLength(17)
    await checkRetentionJob(bounded)(null, run())
    for (const table of ['check_rollups_hourly', 'check_rollups_daily'] as const) {
      const kept = await keptRollups(table, monitorId)
      // One that is exactly as old as the limit still counts as young enough.
      expect(kept[0]).toEqual(new Date(now.getTime() - 100 * dayMs))
      expect(kept).toHaveLength(13)
    }
  })

  it('ends when the worker stops', async () => {
    const job = jobHandlers(service.services)['check-retention']
    await expect(job(null, { ...run(), signal: AbortSignal.abort() })).rejects.toThrow()
  })

  it('is work for the queue, one at a time', async () => {
    const { queue } = service.services
    await service.startJobs()
    const logged = () => service.logged.filter((line) => line.includes('old checks are forgotten')).length
    const before = logged()
    expect(await queue.send('check-retention', null)).toBeDefined()
    await vi.waitFor(() => expect(logged()).toBe(before + 1), { timeout: 10_000 })
  })
})
