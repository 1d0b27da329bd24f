import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

/** Those of the monitors that a window covers at that moment, by name or with their whole organization. */
export async function monitorsInMaintenance(
  db: Kysely<Tables>,
  monitorIds: readonly number[],
  at: Date,
): Promise<Set<number>> {
  if (monitorIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('monitors')
    .select('monitors.id')
    // One parameter for any number of them.
    .where(sql<boolean>`monitors.id = ANY (${[...monitorIds]}::integer[])`)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('maintenance_windows as covering')
          .whereRef('covering.organization_id', '=', 'monitors.organization_id')
          .where('covering.starts_at', '<=', at)
          .where('covering.ends_at', '>', at)
          .where((window) =>
            window.or([
              window('covering.whole_organization', '=', true),
              window.exists(
                window
                  .selectFrom('maintenance_window_monitors as covered')
                  .whereRef('covered.window_id', '=', 'covering.id')
                  .whereRef('covered.monitor_id', '=', 'monitors.id'),
              ),
            ]),
          ),
      ),
    )
    .execute()
  return new Set(rows.map(({ id }) => id))
}
