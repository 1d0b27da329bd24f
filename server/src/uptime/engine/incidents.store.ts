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

const severities = { down: 'major', degraded: 'minor', slo: 'major' } as const
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

export type Worsened = {
  readonly id: number
  readonly monitor_id: number
  readonly status: string
  readonly suppressed_by_id: number | null
  readonly update_id: number
}

/** Degraded becomes down, which its readers are told in an update. By monitor, of those that were still degraded. */
export async function worsenIncidents(
  tx: Kysely<Tables>,
  found: readonly { readonly monitorId: number; readonly errorMessage: string | null }[],
  at: Date,
): Promise<Map<number, Worsened>> {
  if (found.length === 0) return new Map()
  const { rows } = await sql<Worsened>`
    WITH worsened AS (
      UPDATE incidents SET cause = 'down', severity = ${severities.down}, title = monitor_name || ' ' || ${titles.down},
        error_message = given.error_message, version = version + 1
      FROM unnest(
        ${found.map(({ monitorId }) => monitorId)}::integer[],
        ${found.map(({ errorMessage }) => errorMessage)}::text[]
      ) AS given (monitor_id, error_message)
      WHERE incidents.monitor_id = given.monitor_id AND resolved_at IS NULL AND cause = 'degraded'
      RETURNING incidents.id, incidents.monitor_id, status, suppressed_by_id
    ), told AS (
      INSERT INTO incident_updates (incident_id, status, body, created_at)
      SELECT id, status, 'It was degraded, and is down now.', ${at}::timestamptz FROM worsened
      RETURNING id, incident_id
    )
    SELECT worsened.*, told.id AS update_id FROM worsened JOIN told ON told.incident_id = worsened.id`.execute(tx)
  return new Map(rows.map((row) => [row.monitor_id, row]))
}

/** When these incidents ended; those that have not are not among them. */
export async function readEnds(tx: Kysely<Tables>, ids: readonly number[]): Promise<Map<number, Date>> {
  const { rows } = await sql<{ id: number; resolved_at: Date }>`
    SELECT id, resolved_at FROM incidents WHERE id = ANY (${[...ids]}::integer[]) AND resolved_at IS NOT NULL`.execute(
    tx,
  )
  return new Map(rows.map(({ id, resolved_at }) => [id, resolved_at]))
}

export type Released = {
  readonly id: number
  readonly monitor_id: number
  readonly cause: 'down' | 'degraded'
  readonly error_message: string | null
  readonly started_at: Date
}

/** Open incidents are suppressed by others, or no longer by any: those are answered, by monitor, and alert anew. */
export async function changeSuppression(
  tx: Kysely<Tables>,
  changes: readonly { readonly monitorId: number; readonly suppressedById: number | null }[],
): Promise<Map<number, Released>> {
  if (changes.length === 0) return new Map()
  const { rows } = await sql<Released & { readonly suppressed_by_id: number | null }>`
    UPDATE incidents SET suppressed_by_id = given.by_id, version = version + 1,
      alerts_planned_at = CASE WHEN given.by_id IS NOT NULL THEN alerts_planned_at END
    FROM unnest(
      ${changes.map(({ monitorId }) => monitorId)}::integer[],
      ${changes.map(({ suppressedById }) => suppressedById)}::integer[]
    ) AS given (monitor_id, by_id)
    WHERE incidents.monitor_id = given.monitor_id AND resolved_at IS NULL AND acknowledged_at IS NULL
      AND suppressed_by_id IS NOT NULL AND (cause = 'slo') = false
    RETURNING incidents.id, incidents.monitor_id, cause, error_message, started_at, suppressed_by_id`.execute(tx)
  const released = rows.filter(({ suppressed_by_id }) => suppressed_by_id === null)
  // A statement of its own: it sees what was planned while the one above waited for it.
  await sql`
    DELETE FROM incident_deliveries
    WHERE incident_id = ANY (${released.map(({ id }) => id)}::integer[]) AND status = 'suppressed'`.execute(tx)
  return new Map(released.map((row) => [row.monitor_id, row]))
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
