import type { Database } from '@owlery/server/db/connect.ts'

/** Remembers when each monitor is due first: its slots are whole intervals away from that, for ever. */
export async function keepBeats(database: Database): Promise<void> {
  await database.executeSql('CREATE TABLE beats AS SELECT monitor_id, next_check_at AS first_due FROM monitor_states')
}

export type Punctuality = {
  readonly text: string
  readonly monitors: number
  readonly p99Ms: number
  /** Slots with more than one check of a monitor. */
  readonly twice: number
  /** Of the first slots of every monitor, as many as were asked for, those without a check. */
  readonly missed: number
  readonly longestGapSec: number
  readonly failed: number
}

export async function readPunctuality(
  database: Database,
  { intervalSec, slots }: { readonly intervalSec: number; readonly slots: number },
): Promise<Punctuality> {
  const { rows } = await database.executeSql(
    `WITH placed AS (
      SELECT monitor_id, checked_at, status, extract(epoch FROM checked_at - first_due)::float8 AS offset_sec
      FROM checks JOIN beats USING (monitor_id)
    ), slotted AS (
      SELECT monitor_id, status, floor(offset_sec / $1) AS slot,
        1000 * (offset_sec - $1 * floor(offset_sec / $1)) AS late_ms,
        extract(epoch FROM checked_at - lag(checked_at) OVER (PARTITION BY monitor_id ORDER BY checked_at)) AS gap_sec
      FROM placed
    )
    SELECT count(*) AS checks, count(DISTINCT monitor_id) AS monitors,
      count(*) - count(DISTINCT (monitor_id, slot)) AS twice,
      (SELECT count(*) FROM beats) * $2::integer
        - count(DISTINCT (monitor_id, slot)) FILTER (WHERE slot < $2::integer) AS missed,
      count(*) FILTER (WHERE status <> 'up') AS failed,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY late_ms) AS median,
      percentile_cont(0.99) WITHIN GROUP (ORDER BY late_ms) AS p99,
      max(late_ms) AS slowest,
      max(gap_sec)::float8 AS longest
    FROM slotted`,
    [intervalSec, slots],
  )
  const figure = (name: string) => Number(rows[0]?.[name])
  return {
    text:
      `${figure('checks')} checks of ${figure('monitors')} monitors, late by ${figure('median').toFixed(0)} ms (median), ` +
      `${figure('p99').toFixed(0)} ms (p99), ${figure('slowest').toFixed(0)} ms (the latest); ` +
      `${figure('twice')} twice in a slot, ${figure('missed')} slots missed, ` +
      `longest gap ${figure('longest').toFixed(1)} s, ${figure('failed')} failed`,
    monitors: figure('monitors'),
    p99Ms: figure('p99'),
    twice: figure('twice'),
    missed: figure('missed'),
    longestGapSec: figure('longest'),
    failed: figure('failed'),
  }
}
