import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../db/tables.ts'

export type Opening = {
  readonly organizationId: number
  readonly monitorId: number
  readonly monitorName: string
  readonly cause: 'down' | 'degraded' | 'slo'
  readonly errorMessage: string | null
  readonly suppressedById: number | null
  readonly startedAt: Date
}

const severities = { down: 'critical', degraded: 'minor', slo: 'major' } as const
const titles = { down: 'is down', degraded: 'is degraded', slo: 'is below its uptime target' } as const

/** The ids by monitor, of those that had no open incident of that kind until now. */
export async function openIncidents(tx: Kysely<Tables>, openings: readonly Opening[]): Promise<Map<number, number>> {
  if (openings.length === 0) return new Map()
  const { rows } = await sql<{ id: number; monitor_id: number }>`
    INSERT INTO incidents (organization_id, monitor_id, cause, monitor_name, title, severity, error_message,
      suppressed_by_id, started_at)
    SELECT * FROM unnest(
      ${openings.map(({ organizationId }) => organizationId)}::integer[],
      ${openings.map(({ monitorId }) => monitorId)}::integer[],
      ${openings.map(({ cause }) => cause)}::text[],
      ${openings.map(({ monitorName }) => monitorName)}::text[],
      ${openings.map(({ monitorName, cause }) => `${monitorName} ${titles[cause]}`)}::text[],
      ${openings.map(({ cause }) => severities[cause])}::text[],
      ${openings.map(({ errorMessage }) => errorMessage)}::text[],
      ${openings.map(({ suppressedById }) => suppressedById)}::integer[],
      ${openings.map(({ startedAt }) => startedAt)}::timestamptz[]
    )
    ON CONFLICT (monitor_id, (cause = 'slo')) WHERE resolved_at IS NULL DO NOTHING
    RETURNING id, monitor_id`.execute(tx)
  return new Map(rows.map(({ id, monitor_id }) => [monitor_id, id]))
}

/** The ids by monitor, of those that nobody had resolved before. */
export async function resolveIncidents(
  tx: Kysely<Tables>,
  monitorIds: readonly number[],
  { at, kind }: { readonly at: Date; readonly kind: 'check' | 'slo' },
): Promise<Map<number, number>> {
  if (monitorIds.length === 0) return new Map()
  const { rows } = await sql<{ id: number; monitor_id: number }>`
    UPDATE incidents
    SET status = 'resolved', resolved_at = ${at}::timestamptz, auto_resolved = true, version = version + 1
    WHERE monitor_id = ANY (${[...monitorIds]}::integer[]) AND resolved_at IS NULL
      AND (cause = 'slo') = ${kind === 'slo'}::boolean
    RETURNING id, monitor_id`.execute(tx)
  return new Map(rows.map(({ id, monitor_id }) => [monitor_id, id]))
}
