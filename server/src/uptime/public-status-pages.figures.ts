import type { RollupRow } from './public-status-pages.store.ts'
import { sumOf, uptimePercent } from './uptime-share.ts'

const hourMs = 3_600_000
const dayMs = 86_400_000
const daysShown = 90
const hoursShown = 24

/** The first of the days that a page shows, and the first of its hours. */
export function firstDay(now: Date): Date {
  return new Date(startOf(now, dayMs) - (daysShown - 1) * dayMs)
}

export function firstHour(now: Date): Date {
  return new Date(startOf(now, hourMs) - (hoursShown - 1) * hourMs)
}

export type Figures = {
  readonly uptime24h: number | null
  readonly uptime30d: number | null
  readonly uptime90d: number | null
  readonly daily: readonly { readonly date: string; readonly uptimePct: number | null }[]
  readonly responseHourly: readonly (number | null)[]
}

/** Of one monitor, from its rollups of the shown days and hours. */
export function figuresOf(daily: readonly RollupRow[], hourly: readonly RollupRow[], now: Date): Figures {
  const byDay = new Map(daily.map((row) => [startOf(row.starts_at, dayMs), row]))
  const byHour = new Map(hourly.map((row) => [startOf(row.starts_at, hourMs), row]))
  const days = Array.from({ length: daysShown }, (_, index) => firstDay(now).getTime() + index * dayMs)
  const hours = Array.from({ length: hoursShown }, (_, index) => firstHour(now).getTime() + index * hourMs)
  return {
    uptime24h: shareOf(hourly),
    uptime30d: shareOf(rowsAt(byDay, days.slice(-30))),
    uptime90d: shareOf(daily),
    daily: days.map((day) => ({
      date: new Date(day).toISOString().slice(0, 10),
      uptimePct: shareOf(rowsAt(byDay, [day])),
    })),
    responseHourly: hours.map((hour) => meanResponse(byHour.get(hour))),
  }
}

function shareOf(rows: readonly RollupRow[]): number | null {
  return uptimePercent(sumOf(rows))
}

function startOf(moment: Date, length: number): number {
  return Math.floor(moment.getTime() / length) * length
}

function rowsAt(rows: ReadonlyMap<number, RollupRow>, starts: readonly number[]): RollupRow[] {
  return starts.flatMap((start) => rows.get(start) ?? [])
}

function meanResponse(row: RollupRow | undefined): number | null {
  return row === undefined || row.response_count === 0 ? null : Math.round(row.response_sum_ms / row.response_count)
}
