import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { GivenComponent } from './status-pages.rules.ts'

export type ComponentRow = Awaited<ReturnType<typeof componentsOf>>[number]

/** Of several pages at once, in the order they are shown. */
export function componentsOf(db: Kysely<Tables>, pageIds: readonly number[]) {
  return db
    .selectFrom('status_page_components as component')
    .innerJoin('monitors', 'monitors.id', 'component.monitor_id')
    .select([
      'component.id',
      'component.status_page_id',
      'component.monitor_id',
      'component.name',
      'monitors.name as monitor_name',
      'component.group_name',
      'component.position',
    ])
    .where('component.status_page_id', 'in', pageIds.length === 0 ? [0] : [...pageIds])
    .orderBy('component.status_page_id')
    .orderBy('component.position')
    .orderBy('component.id')
    .execute()
}

/** Whether all of the monitors are the organization's. */
export async function areOwnMonitors(
  db: Kysely<Tables>,
  organizationId: number,
  ids: readonly number[],
): Promise<boolean> {
  if (ids.length === 0) return true
  const found = await db
    .selectFrom('monitors')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('id', 'in', [...ids])
    .forKeyShare()
    .execute()
  return found.length === new Set(ids).size
}

/** Those that stay keep their ids. The page must be locked. */
export async function replaceComponents(
  db: Kysely<Tables>,
  pageId: number,
  components: readonly GivenComponent[],
): Promise<void> {
  await db
    .deleteFrom('status_page_components')
    .where('status_page_id', '=', pageId)
    .where('monitor_id', 'not in', [0, ...components.map(({ monitorId }) => monitorId)])
    .execute()
  if (components.length === 0) return
  await db
    .insertInto('status_page_components')
    .values(
      components.map(({ monitorId, name, group }, position) => ({
        status_page_id: pageId,
        monitor_id: monitorId,
        name: name ?? null,
        group_name: group ?? null,
        position,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['status_page_id', 'monitor_id']).doUpdateSet((eb) => ({
        name: eb.ref('excluded.name'),
        group_name: eb.ref('excluded.group_name'),
        position: eb.ref('excluded.position'),
      })),
    )
    .execute()
}

/** Behind the others; nothing if the monitor is there already. The page must be locked. */
export function appendComponent(db: Kysely<Tables>, pageId: number, { monitorId, name, group }: GivenComponent) {
  return db
    .insertInto('status_page_components')
    .values({
      status_page_id: pageId,
      monitor_id: monitorId,
      name: name ?? null,
      group_name: group ?? null,
      position: sql<number>`(
        SELECT coalesce(max(position) + 1, 0) FROM status_page_components WHERE status_page_id = ${pageId})`,
    })
    .onConflict((conflict) => conflict.columns(['status_page_id', 'monitor_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
}

export function deleteComponent(db: Kysely<Tables>, pageId: number, id: number) {
  return db
    .deleteFrom('status_page_components')
    .where('status_page_id', '=', pageId)
    .where('id', '=', id)
    .returning(['monitor_id', 'name'])
    .executeTakeFirst()
}
