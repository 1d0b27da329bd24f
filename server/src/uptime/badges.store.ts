import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

/** The monitor's state, if a page that everybody may read shows it. */
export function findShownMonitor(db: Kysely<Tables>, id: number) {
  return db
    .selectFrom('monitors')
    .innerJoin('monitor_states', 'monitor_states.monitor_id', 'monitors.id')
    .select(['paused', 'last_status'])
    .where('monitors.id', '=', id)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('status_page_components')
          .innerJoin('status_pages', 'status_pages.id', 'status_page_components.status_page_id')
          .select(sql`1`.as('one'))
          .where('status_page_components.monitor_id', '=', id)
          .where('status_pages.is_public', '=', true)
          .where('status_pages.password_hash', 'is', null)
          .where(sql<boolean>`cardinality(status_pages.ip_allowlist) = 0`),
      ),
    )
    .executeTakeFirst()
}
