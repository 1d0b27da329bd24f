import { type Kysely, sql } from 'kysely'
import { violated } from '../db/constraints.ts'
import type { MonitorsTable, Tables } from '../db/tables.ts'
import { insertDependencies, type NewDependencies, renewDependents } from './monitors.dependencies.store.ts'
import type { SealedColumns } from './monitors.secrets.ts'

/** What everybody in the organization may see; of secrets only whether they are set. */
function selectMonitors(db: Kysely<Tables>, organizationId: number) {
  return db
    .selectFrom('monitors')
    .innerJoin('monitor_states', 'monitor_states.monitor_id', 'monitors.id')
    .where('monitors.organization_id', '=', organizationId)
    .select([
      'monitors.id',
      'monitors.organization_id',
      'version',
      'name',
      'url',
      'type',
      'interval_sec',
      'timeout_ms',
      'expected_status_code',
      'degraded_response_time_ms',
      'port',
      'keyword',
      'keyword_match_type',
      'heartbeat_grace_sec',
      'alert_threshold',
      'alert_on_degraded',
      'alert_email',
      'tags',
      'regions',
      'uptime_target_bp',
      'uptime_window_days',
      'paused',
      'created_at',
      'last_status',
      'last_checked_at',
      'consecutive_failures',
      'heartbeat_last_received_at',
      'slo_breach_open',
    ])
    .select(
      sql<number[]>`ARRAY(SELECT depends_on_id FROM monitor_dependencies WHERE monitor_id = monitors.id ORDER BY 1)`.as(
        'depends_on',
      ),
    )
    .select([
      isSet('sealed_headers').as('has_headers'),
      isSet('sealed_alert_webhook_url').as('has_alert_webhook_url'),
      isSet('sealed_alert_slack_url').as('has_alert_slack_url'),
      isSet('sealed_alert_discord_url').as('has_alert_discord_url'),
      isSet('sealed_alert_msteams_url').as('has_alert_msteams_url'),
      isSet('sealed_alert_telegram_bot_token').as('has_alert_telegram_bot_token'),
      isSet('sealed_alert_telegram_chat_id').as('has_alert_telegram_chat_id'),
      isSet('sealed_alert_pagerduty_routing_key').as('has_alert_pagerduty_routing_key'),
      isSet('sealed_alert_opsgenie_api_key').as('has_alert_opsgenie_api_key'),
    ])
}

function isSet(column: keyof SealedColumns) {
  return sql<boolean>`${sql.ref(column)} IS NOT NULL`
}

export type MonitorRow = Awaited<ReturnType<typeof findMonitors>>[number]

export type MonitorPage = {
  readonly tags: readonly string[]
  readonly limit: number
  readonly before: number | undefined
  readonly offset: number
}

/** Newest first. The page is settled on an index of the organization's own before anything is joined to it. */
export function listMonitors(db: Kysely<Tables>, organizationId: number, { tags, ...page }: MonitorPage) {
  const [first, ...others] = tags
  const ids =
    first === undefined
      ? pageOfAll(db, organizationId, page)
      : pageOfTagged(db, organizationId, [first, ...others], page)
  return selectMonitors(db, organizationId)
    .innerJoin(ids.as('page'), 'page.id', 'monitors.id')
    .orderBy('monitors.id', 'desc')
    .execute()
}

type Page = Omit<MonitorPage, 'tags'>

function pageOfAll(db: Kysely<Tables>, organizationId: number, { before, limit, offset }: Page) {
  // As the index has it; by the bare id the planner would take the primary key.
  const ordinal = sql<number>`id + 0`
  return db
    .selectFrom('monitors')
    .select('id')
    .where('organization_id', '=', organizationId)
    .$if(before !== undefined, (query) => query.where(ordinal, '<', before ?? 0))
    .orderBy(ordinal, 'desc')
    .limit(limit)
    .offset(offset)
}

/** The first tag gives the order, and each of its monitors is looked up among those of the others. */
function pageOfTagged(
  db: Kysely<Tables>,
  organizationId: number,
  [first, ...others]: readonly [string, ...string[]],
  { before, limit, offset }: Page,
) {
  let query = db
    .selectFrom('monitor_tags as tagged')
    .select('tagged.monitor_id as id')
    .where('tagged.organization_id', '=', organizationId)
    .where('tagged.tag', '=', first)
    .$if(before !== undefined, (all) => all.where('tagged.monitor_id', '<', before ?? 0))
  for (const tag of others) {
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('monitor_tags as other')
          .whereRef('other.monitor_id', '=', 'tagged.monitor_id')
          .where('other.organization_id', '=', organizationId)
          .where('other.tag', '=', tag),
      ),
    )
  }
  return query.orderBy('tagged.monitor_id', 'desc').limit(limit).offset(offset)
}

/** Those of the ids that the organization has, by id. */
export function findMonitors(db: Kysely<Tables>, organizationId: number, ids: readonly number[]) {
  return selectMonitors(db, organizationId)
    .where('monitors.id', 'in', [...ids])
    .orderBy('monitors.id')
    .execute()
}

export async function findMonitor(
  db: Kysely<Tables>,
  organizationId: number,
  id: number,
): Promise<MonitorRow | undefined> {
  const [row] = await findMonitors(db, organizationId, [id])
  return row
}

/** Nobody else changes or deletes them until the transaction ends. Always in the order of ids, so that no two block each other. */
export async function lockMonitors(
  db: Kysely<Tables>,
  organizationId: number,
  ids: readonly number[],
): Promise<MonitorRow[]> {
  await db
    .selectFrom('monitors')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('id', 'in', [...ids])
    .orderBy('id')
    // Lets checks go on that refer to them meanwhile.
    .forNoKeyUpdate()
    .execute()
  return findMonitors(db, organizationId, ids)
}

/** Taken before the rows are written, because secrets are sealed to the id of their row. */
export async function takeMonitorIds(db: Kysely<Tables>, count: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT nextval(pg_get_serial_sequence('monitors', 'id'))::integer AS id
    FROM generate_series(1, ${count}::integer)`.execute(db)
  return rows.map(({ id }) => id)
}

/** All that callers decide about a monitor, as columns. */
export type MonitorColumns = Omit<
  MonitorsTable,
  'id' | 'organization_id' | 'version' | 'created_at' | 'heartbeat_token_hash' | keyof SealedColumns
>

export type NewMonitor = MonitorColumns &
  Partial<SealedColumns> &
  NewDependencies & {
    readonly organization_id: number
    readonly heartbeat_token_hash?: Buffer
    readonly created_at: Date
    readonly next_check_at: Date | null
  }

export type Inserted = { readonly rows: MonitorRow[] } | { readonly taken: string }

/** All of them with unique names, or the first name that is taken. */
export async function insertMonitors(db: Kysely<Tables>, monitors: readonly NewMonitor[]): Promise<Inserted> {
  const [one] = monitors
  if (one === undefined) return { rows: [] }
  const ids = monitors.map(({ id }) => id)
  const written = await db
    .insertInto('monitors')
    .values(monitors.map(({ next_check_at: _, depends_on: __, ...columns }) => columns))
    .onConflict((conflict) => conflict.columns(['organization_id', 'name']).doNothing())
    .returning('id')
    .execute()
  const known = new Set(written.map(({ id }) => id))
  const refused = monitors.find(({ id }) => !known.has(id))
  if (refused !== undefined) return { taken: refused.name }
  await db
    .insertInto('monitor_states')
    .values(monitors.map(({ id, next_check_at }) => ({ monitor_id: id, next_check_at })))
    .execute()
  await insertDependencies(db, monitors)
  return { rows: await findMonitors(db, one.organization_id, ids) }
}

type Columns = MonitorColumns & SealedColumns

/** `undefined` leaves a column as it is. */
export type MonitorChange = { readonly [C in keyof Columns]?: Columns[C] | undefined }

/** One version further. The row must be locked. */
export async function updateMonitor(
  db: Kysely<Tables>,
  id: number,
  change: MonitorChange,
): Promise<'updated' | 'name_taken'> {
  try {
    await db
      .updateTable('monitors')
      .set((eb) => ({ ...change, version: eb('version', '+', 1) }))
      .where('id', '=', id)
      .execute()
    return 'updated'
  } catch (error) {
    if (violated(error) === 'monitors_name_key') return 'name_taken'
    throw error
  }
}

export async function setNextCheck(db: Kysely<Tables>, id: number, at: Date | null): Promise<void> {
  await db.updateTable('monitor_states').set({ next_check_at: at }).where('monitor_id', '=', id).execute()
}

/**
 * Open incidents of what is gone end with it, without a word to anybody. The states are locked first, as whoever records
 * a check does: otherwise an incident may open, or be resolved, while its monitor goes.
 */
export async function deleteMonitors(db: Kysely<Tables>, organizationId: number, ids: readonly number[], now: Date) {
  await sql`
    SELECT FROM monitor_states WHERE monitor_id = ANY (${[...ids]}::integer[])
    ORDER BY monitor_id FOR UPDATE`.execute(db)
  await sql`
    UPDATE incidents
    SET monitor_id = NULL, version = version + 1, status = 'resolved', auto_resolved = auto_resolved OR resolved_at IS NULL,
      resolved_at = coalesce(resolved_at, ${now}::timestamptz)
    WHERE organization_id = ${organizationId} AND monitor_id = ANY (${[...ids]}::integer[])`.execute(db)
  await renewDependents(db, organizationId, ids)
  return db
    .deleteFrom('monitors')
    .where('organization_id', '=', organizationId)
    .where('id', 'in', [...ids])
    .returning(['id', 'name', 'url', 'type'])
    .execute()
}

/** The sealed columns, for whoever may open them. */
export function findSealed(db: Kysely<Tables>, organizationId: number, id: number) {
  return db
    .selectFrom('monitors')
    .select([
      'id',
      'name',
      'sealed_headers',
      'sealed_alert_webhook_url',
      'sealed_alert_slack_url',
      'sealed_alert_discord_url',
      'sealed_alert_msteams_url',
      'sealed_alert_telegram_bot_token',
      'sealed_alert_telegram_chat_id',
      'sealed_alert_pagerduty_routing_key',
      'sealed_alert_opsgenie_api_key',
      'sealed_heartbeat_token',
    ])
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** The old token finds nothing from then on. The row must be locked. */
export async function replaceHeartbeatToken(
  db: Kysely<Tables>,
  id: number,
  token: { readonly sealed_heartbeat_token: string; readonly heartbeat_token_hash: Buffer },
): Promise<void> {
  await db
    .updateTable('monitors')
    .set((eb) => ({ ...token, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
}
