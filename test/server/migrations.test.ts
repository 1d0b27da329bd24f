import { readFile } from 'node:fs/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { type Migration, migrations } from '@owlery/server/db/migrations/index.ts'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { generateTables } from '../../scripts/generate-tables.ts'
import { countQueries } from '../support/counted.ts'
import { createDatabase, type PostgresServer, postgresServer } from '../support/database.ts'

const first: Migration = {
  name: '0001-birds',
  statements: ['CREATE TABLE birds (id integer PRIMARY KEY)', 'INSERT INTO birds VALUES (1)'],
}
const second: Migration = { name: '0002-names', statements: ['ALTER TABLE birds ADD COLUMN name text'] }
const broken: Migration = {
  name: '0002-broken',
  statements: ['INSERT INTO birds VALUES (2)', 'ALTER TABLE nests ADD x int'],
}

const server = await postgresServer()
afterAll(() => server?.stop())

async function countBirds({ db }: Database): Promise<number | undefined> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) FROM birds`.execute(db)
  return rows[0]?.count
}

describe.each(server === undefined ? ['pglite'] : ['pglite', 'postgres'])('on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await open(kind, server)
  })
  afterEach(async () => {
    await database.executeSql('DROP TABLE IF EXISTS birds, migrations')
  })
  afterAll(() => database.close())

  test('each migration runs once, in order', async () => {
    expect(await migrate(database, [first])).toEqual(['0001-birds'])
    expect(await migrate(database, [first])).toEqual([])
    expect(await migrate(database, [first, second])).toEqual(['0002-names'])
    expect(await countBirds(database)).toBe(1)
  })

  test('one that fails leaves nothing behind, and those before it stay', async () => {
    await expect(migrate(database, [first, broken])).rejects.toThrow(/nests/)
    expect(await countBirds(database)).toBe(1)
    expect(await migrate(database, [first, second])).toEqual(['0002-names'])
  })

  test('one that was changed after it ran is refused by name', async () => {
    await migrate(database, [first])
    const changed = { ...first, statements: [...first.statements, 'SELECT 1'] }
    await expect(migrate(database, [changed])).rejects.toThrow('0001-birds was changed after it ran')
  })

  test('a database that is ahead of the code is refused', async () => {
    await migrate(database, [first, second])
    await expect(migrate(database, [first])).rejects.toThrow('0002-names, which this release does not know')
  })

  test('several callers at once share the work', async () => {
    const shares = await Promise.all(Array.from({ length: 4 }, () => migrate(database, [first, second])))
    expect(shares.flat().toSorted()).toEqual(['0001-birds', '0002-names'])
  })
})

describe('the migrations of the service', () => {
  let database: Database
  beforeAll(async () => {
    database = await connect({ kind: 'pglite' })
    await migrate(database, migrations.slice(0, 9))
    await addMonitors(database)
    await migrate(database)
  })
  afterAll(() => database.close())

  test('leave nothing to do, which takes one query to see', async () => {
    const counted = countQueries(database.db)
    expect(await migrate({ ...database, db: counted.db })).toEqual([])
    expect(counted.queries()).toBe(1)
  })

  test('have the regions of earlier monitors checked', async () => {
    const { rows } = await sql`
      SELECT name, region, region_checks.organization_id = monitors.organization_id AS owned, next_check_at
      FROM region_checks JOIN monitors ON monitors.id = monitor_id ORDER BY name, region`.execute(database.db)
    expect(rows).toEqual([
      { name: 'far', region: 'oc', owned: true, next_check_at: null },
      { name: 'far', region: 'weur', owned: true, next_check_at: null },
      { name: 'secure', region: 'sam', owned: true, next_check_at: null },
    ])
  })

  test('keep every change from the audit log, also one of whoever writes SQL', async () => {
    await sql`INSERT INTO audit_logs (action, resource, meta) VALUES ('a', 'b', '{}')`.execute(database.db)
    for (const change of ['UPDATE audit_logs SET action = $1', 'DELETE FROM audit_logs WHERE action <> $1']) {
      await expect(database.executeSql(change, ['x'])).rejects.toMatchObject({ code: '42501' })
    }
    await expect(database.executeSql('TRUNCATE audit_logs')).rejects.toMatchObject({ code: '42501' })
  })
})

test('migrations are numbered without gaps', () => {
  for (const [index, { name }] of migrations.entries()) {
    expect(name).toMatch(new RegExp(`^${String(index + 1).padStart(4, '0')}-[a-z-]+$`))
  }
})

test('the table types are those of the migrations', async () => {
  const committed = await readFile(new URL('../../server/src/db/tables.ts', import.meta.url), 'utf8')
  expect(await generateTables()).toBe(committed)
})

/** As they were before any agent could check from another region. */
async function addMonitors({ db }: Database): Promise<void> {
  await sql`
    WITH owner AS (INSERT INTO organizations (name, slug) VALUES ('Owls', 'owls') RETURNING id)
    INSERT INTO monitors (organization_id, name, type, regions, paused, url, interval_sec, timeout_ms,
      keyword_match_type, heartbeat_grace_sec, alert_threshold, alert_on_degraded, tags, uptime_target_bp,
      uptime_window_days)
    SELECT owner.id, given.*, 'x', 60, 1000, 'contains', 0, 1, false, '{}'::text[], 999, 30
    FROM owner, (VALUES
      ('far', 'http', '{local,weur,oc}'::text[], false),
      ('near', 'http', '{local}', false),
      ('paused', 'http', '{local,weur}', true),
      ('secure', 'https', '{local,sam}', false),
      ('socket', 'tcp', '{local,weur}', false)
    ) AS given (name, type, regions, paused)`.execute(db)
}

async function open(kind: string, postgres: PostgresServer | undefined): Promise<Database> {
  return kind === 'postgres' && postgres !== undefined ? createDatabase(postgres.url) : connect({ kind: 'pglite' })
}
