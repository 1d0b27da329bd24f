import type { Database } from '@owlery/server/db/connect.ts'
import { bucketCount } from '@owlery/server/uptime/rollups.ts'
import { createOrganization } from './monitors-ground.ts'

export const daysFilled = 90

export type CheckGround = {
  readonly organizationId: number
  readonly token: string
  readonly monitorIds: readonly number[]
  readonly rows: number
}

const dayMs = 86_400_000
const fewestMonitors = 10
const checksADay = 1440

/**
 * About as many checks as asked for: of monitors that are checked once a minute, in the order in which time would have
 * brought them, over 90 days up to now; and the rollups of exactly these checks.
 */
export async function fillChecks(database: Database, rows: number): Promise<CheckGround> {
  const { organizationId, token } = await createOrganization(database, 'watched')
  const count = Math.max(fewestMonitors, Math.ceil(rows / daysFilled / checksADay))
  const perDay = Math.max(1, Math.round(rows / daysFilled / count))
  const monitorIds = await createMonitors(database, organizationId, count)
  const today = Math.floor(Date.now() / dayMs) * dayMs
  const days = Array.from({ length: daysFilled }, (_, index) => new Date(today - (daysFilled - 1 - index) * dayMs))
  const fillers = [0, 1].map(async (filler) => {
    for (const day of days.filter((_, index) => index % 2 === filler)) {
      await fillDay(database, { organizationId, first: monitorIds[0] ?? 0, count, perDay, day })
    }
  })
  await Promise.all(fillers)
  await database.executeSql('VACUUM ANALYZE check_rollups_hourly')
  await database.executeSql('VACUUM ANALYZE check_rollups_daily')
  const { rows: counted } = await database.executeSql('SELECT sum(up + degraded + down) AS n FROM check_rollups_daily')
  return { organizationId, token, monitorIds, rows: Number(counted[0]?.['n']) }
}

async function createMonitors(database: Database, organizationId: number, count: number): Promise<number[]> {
  const { rows } = await database.executeSql(`
    WITH made AS (
      INSERT INTO monitors (organization_id, name, url, type, interval_sec, timeout_ms, keyword_match_type,
        heartbeat_grace_sec, alert_threshold, alert_on_degraded, tags, regions, uptime_target_bp, uptime_window_days, paused)
      SELECT ${organizationId}, 'monitor ' || n, 'https://host-' || n || '.example.com/health', 'https', 60, 10000,
        'contains', 60, 1, false, '{}', '{local}', 999, 90, true
      FROM generate_series(1, ${count}) AS n
      RETURNING id
    ), states AS (INSERT INTO monitor_states (monitor_id, last_status) SELECT id, 'up' FROM made)
    SELECT id FROM made ORDER BY id`)
  return rows.map(({ id }) => Number(id))
}

type Day = {
  readonly organizationId: number
  readonly first: number
  readonly count: number
  readonly perDay: number
  readonly day: Date
}

async function fillDay(database: Database, { organizationId, first, count, perDay, day }: Day): Promise<void> {
  const start = day.toISOString()
  const end = `timestamptz '${start}' + interval '1 day'`
  const name = `checks_${start.slice(0, 10).replaceAll('-', '')}`
  await database.executeSql(`SELECT ensure_check_partitions('${start.slice(0, 10)}', 1)`)
  // In quarters, so that no statement runs into its time limit.
  const quarters = Array.from({ length: 4 }, (_, index) => Math.floor((perDay * index) / 4))
  for (const [index, from] of quarters.entries()) {
    await database.executeSql(`
      INSERT INTO checks (organization_id, monitor_id, checked_at, region, status, response_time_ms, status_code)
      SELECT ${organizationId}, monitor, at, 'local',
        CASE WHEN chance < 0.001 THEN 'down' WHEN chance < 0.003 THEN 'degraded' ELSE 'up' END,
        CASE WHEN chance >= 0.001 THEN (40 + 400 * random())::integer END,
        CASE WHEN chance >= 0.001 THEN 200 ELSE 503 END
      FROM generate_series(${from}, ${(quarters[index + 1] ?? perDay) - 1}) AS slot,
        generate_series(${first}, ${first + count - 1}) AS monitor,
        LATERAL (SELECT timestamptz '${start}' + (slot * interval '1 day' / ${perDay}) + monitor % 1000 * interval '1 ms' AS at,
          random() AS chance OFFSET 0) AS one
      WHERE at <= now()`)
  }
  // Of the histogram only the width matters here: percentiles are not what is proved.
  for (const [table, unit] of [
    ['check_rollups_hourly', 'hour'],
    ['check_rollups_daily', 'day'],
  ] as const) {
    await database.executeSql(`
      INSERT INTO ${table}
      SELECT organization_id, monitor_id, date_trunc('${unit}', checked_at, 'UTC'), count(*) FILTER (WHERE status = 'up'),
        count(*) FILTER (WHERE status = 'degraded'), count(*) FILTER (WHERE status = 'down'), 0, count(response_time_ms),
        coalesce(sum(response_time_ms), 0), min(response_time_ms), max(response_time_ms),
        array_fill(1, ARRAY[${bucketCount}])
      FROM checks WHERE checked_at >= '${start}' AND checked_at < ${end}
      GROUP BY 1, 2, 3`)
  }
  await database.executeSql(`VACUUM ANALYZE ${name}`)
}
