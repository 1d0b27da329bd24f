import type { Database } from '@owlery/server/db/connect.ts'
import { insertAccount, insertMembership, insertOrganization } from '@owlery/server/platform/accounts.store.ts'
import { insertToken } from '@owlery/server/platform/tokens.store.ts'
import { mintToken } from '@owlery/server/security/tokens.ts'

export type Filled = {
  readonly organizationId: number
  readonly token: string
  readonly firstId: number
  readonly lastId: number
}
export type Ground = { readonly small: Filled; readonly large: Filled }

const others = 1000

/**
 * An organization of 100,000 monitors, then a thousand others of 100, then one more of 100, all with the same tags. The
 * large one comes first, so that whoever walks by id past what is newer has a long way.
 */
export async function fillOrganizations(database: Database): Promise<Ground> {
  const large = await createOrganization(database, 'large')
  await fill(database, `SELECT ${large.organizationId} AS organization, n FROM generate_series(1, 100000) AS n`)
  await database.executeSql(
    `INSERT INTO organizations (name, slug) SELECT 'other', 'other-' || n FROM generate_series(1, ${others}) AS n`,
  )
  await fill(
    database,
    `SELECT id AS organization, n FROM organizations, generate_series(1, 100) AS n WHERE name = 'other' ORDER BY n, id`,
  )
  const small = await createOrganization(database, 'small')
  await fill(database, `SELECT ${small.organizationId} AS organization, n FROM generate_series(1, 100) AS n`)
  await database.executeSql('VACUUM ANALYZE monitors, monitor_states, monitor_tags')
  return { small: await withIds(database, small), large: await withIds(database, large) }
}

export type Owned = Pick<Filled, 'organizationId' | 'token'>

export async function createOrganization({ db }: Database, name: string): Promise<Owned> {
  const { id: organizationId } = await insertOrganization(db, { name: name, plan: 'self-hosted' }, () => name)
  const account = await insertAccount(db, { email: `${name}@example.com`, name: null, passwordHash: null })
  if (account === 'email_taken') throw new Error('the database is not fresh')
  await insertMembership(db, { organizationId, userId: account.id, role: 'owner' })
  const { plaintext, shownPrefix, hash } = mintToken('obs_')
  const unlimited = { dailyMutationLimit: null, dailyLogBytesLimit: null, expiresAt: null }
  const named = { organizationId, userId: account.id, name, prefix: shownPrefix, hash, now: new Date() }
  await insertToken(db, { ...named, ...unlimited, scopes: ['*'] })
  return { organizationId, token: plaintext }
}

async function fill(database: Database, source: string): Promise<void> {
  await database.executeSql(`
    WITH made AS (
      INSERT INTO monitors (organization_id, name, url, type, interval_sec, timeout_ms, keyword_match_type,
        heartbeat_grace_sec, alert_threshold, alert_on_degraded, tags, regions, uptime_target_bp, uptime_window_days, paused)
      SELECT organization, 'monitor ' || n, 'https://host-' || n || '.example.com/health', 'https', 300, 10000,
        'contains', 60, 1, false,
        array_remove(ARRAY['all', CASE n % 2 WHEN 0 THEN 'even' ELSE 'odd' END, CASE n % 1000 WHEN 0 THEN 'rare' END], NULL),
        '{local}', 999, 30, true
      FROM (${source}) AS source
      RETURNING id
    )
    INSERT INTO monitor_states (monitor_id, last_status) SELECT id, 'up' FROM made`)
}

async function withIds({ db }: Database, owned: Owned): Promise<Filled> {
  const { first, last } = await db
    .selectFrom('monitors')
    .select(({ fn }) => [fn.min('id').as('first'), fn.max('id').as('last')])
    .where('organization_id', '=', owned.organizationId)
    .executeTakeFirstOrThrow()
  return { ...owned, firstId: first, lastId: last }
}
