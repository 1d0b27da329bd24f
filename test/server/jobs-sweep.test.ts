import { randomBytes, randomUUID } from 'node:crypto'
import { sweepJob } from '@owlery/server/jobs/sweep.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { sql } from 'kysely'
import { afterAll, afterEach, expect, test } from 'vitest'
import { settableClock } from '../support/clock.ts'
import { freshDatabase } from '../support/database.ts'

const database = await freshDatabase()
afterAll(() => database.close())

const lines: string[] = []
const log = createLogTo({ write: (line: string) => void lines.push(line) }, 'debug')

const now = new Date('2030-06-15T12:00:00Z')
const clock = settableClock(now)
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds)
const day = 86_400_000
const run = { id: 'sweep-1', attempt: 1 }

async function seed() {
  const email = `${randomUUID()}@example.org`
  const { rows } = await sql<{ user: number; organization: number }>`
    WITH u AS (INSERT INTO users (email) VALUES (${email}) RETURNING id),
         o AS (INSERT INTO organizations (name, slug) VALUES ('Owls', ${email}) RETURNING id)
    SELECT u.id AS "user", o.id AS organization FROM u, o`.execute(database.db)
  const [owner] = rows
  if (owner === undefined) throw new Error('nothing was seeded')
  return owner
}
const addKey = (key: string, createdAt: Date) =>
  sql`INSERT INTO idempotency_keys (owner, key_hash, fingerprint, status, headers, created_at)
    VALUES ('user', ${Buffer.from(key)}, ${Buffer.from('x')}, 200, '{}', ${createdAt})`.execute(database.db)
const keys = async () => {
  const { rows } = await sql<{
    key: string
  }>`SELECT convert_from(key_hash, 'UTF8') AS key FROM idempotency_keys ORDER BY 1`.execute(database.db)
  return rows.map(({ key }) => key)
}
afterEach(() => sql`DELETE FROM idempotency_keys`.execute(database.db))

test('removes what has had its time and nothing else', async () => {
  const { user, organization } = await seed()
  await addKey('old', ago(day + 1000))
  await addKey('young', ago(day - 1000))
  for (const expiresAt of [ago(30 * day + 1000), ago(30 * day - 1000), ago(-day)]) {
    await sql`INSERT INTO sessions (user_id, organization_id, expires_at) VALUES (${user}, ${organization}, ${expiresAt})`.execute(
      database.db,
    )
  }
  for (const expiresAt of [ago(1000), ago(-1000)]) {
    await sql`INSERT INTO password_resets (hash, user_id, expires_at) VALUES (${randomBytes(32)}, ${user}, ${expiresAt})`.execute(
      database.db,
    )
  }
  const months = [ago(366 * day), ago(365 * day), ago(0)].map((starts_at) => ({ starts_at, checks: 1 }))
  await database.db
    .insertInto('region_check_counts')
    .values(months.map((month) => ({ ...month, organization_id: organization })))
    .execute()
  await sweepJob({ db: database.db, clock, log })(null, { ...run, signal: AbortSignal.timeout(10_000) })
  expect(await keys()).toEqual(['young'])
  const left = await sql<{ sessions: number; resets: number; users: number; months: number }>`
    SELECT (SELECT count(*)::int FROM sessions WHERE user_id = ${user}) AS sessions,
           (SELECT count(*)::int FROM password_resets WHERE user_id = ${user}) AS resets,
           (SELECT count(*)::int FROM region_check_counts WHERE organization_id = ${organization}) AS months,
           (SELECT count(*)::int FROM users WHERE id = ${user}) AS users`.execute(database.db)
  expect(left.rows).toEqual([{ sessions: 2, resets: 1, months: 2, users: 1 }])
  expect(lines.join()).toContain('"idempotency_keys":1')
})

test('goes in batches, no further than allowed, and stops when told', async () => {
  for (let key = 0; key < 25; key += 1) await addKey(`old ${key}`, ago(2 * day))
  const sweep = sweepJob({ db: database.db, clock, log, batch: 4, mostBatches: 3 })
  await sweep(null, { ...run, signal: AbortSignal.timeout(10_000) })
  expect(await keys()).toHaveLength(13)
  await expect(sweep(null, { ...run, signal: AbortSignal.abort() })).rejects.toThrow()
  expect(await keys()).toHaveLength(13)
  await sweep(null, { ...run, signal: AbortSignal.timeout(10_000) })
  await sweep(null, { ...run, signal: AbortSignal.timeout(10_000) })
  expect(await keys()).toEqual([])
})
