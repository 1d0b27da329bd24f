import type { Database } from '@owlery/server/db/connect.ts'

export type Filling = {
  readonly count: number
  readonly port: number
  readonly intervalSec: number
  readonly timeoutMs: number
  /** Over how many seconds they come due, and in how many seconds from now the first of them: filling takes a while. */
  readonly spreadSec: number
  readonly leadSec?: number
}

/** Monitors of one organization, each at one of 60,000 addresses of this machine, where no host is asked too often. */
export async function fillMonitors(database: Database, filling: Filling): Promise<number> {
  const { count, port, intervalSec, timeoutMs, spreadSec, leadSec = 0 } = filling
  const { id } = await database.db
    .insertInto('organizations')
    .values({ name: 'Measured', slug: 'measured' })
    .returning('id')
    .executeTakeFirstOrThrow()
  await database.executeSql(
    `WITH made AS (
      INSERT INTO monitors (organization_id, name, url, type, interval_sec, timeout_ms, keyword_match_type,
        heartbeat_grace_sec, alert_threshold, alert_on_degraded, tags, regions, uptime_target_bp, uptime_window_days, paused)
      SELECT $1::integer, 'monitor ' || n, 'http://127.' || 1 + n / 240 % 250 || '.' || n % 240 || '.1:' || $2::integer || '/',
        'http', $3::integer, $4::integer, 'contains', 60, 1, false, '{}', '{local}', 999, 30, false
      FROM generate_series(1, $5::integer) AS n
      RETURNING id
    )
    INSERT INTO monitor_states (monitor_id, next_check_at)
    SELECT id, date_trunc('milliseconds', now() + ($7::integer + random() * $6::integer) * interval '1 second') FROM made`,
    [id, port, intervalSec, timeoutMs, count, spreadSec, leadSec],
  )
  await database.executeSql('VACUUM ANALYZE monitors, monitor_states')
  return id
}
