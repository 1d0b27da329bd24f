import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Database } from './connect.ts'
import { type Migration, migrations } from './migrations/index.ts'
import type { Tables } from './tables.ts'

type Landed = { name: string; checksum: string }

// Any number will do that nothing else in the database locks.
const migrationLock = 7_205_619_483

/**
 * Brings the schema up to date and says which migrations that took. Each one is a transaction together with the record
 * that it ran, so a process that dies on the way leaves nothing to repair, and several may start at once.
 */
export async function migrate(database: Database, known: readonly Migration[] = migrations): Promise<string[]> {
  if (firstMissing(await readLanded(database.db), known) === undefined) return []
  const applied: string[] = []
  for (;;) {
    const name = await database.db.transaction().execute((transaction) => applyNext(transaction, known))
    if (name === undefined) return applied
    applied.push(name)
  }
}

async function applyNext(transaction: Kysely<Tables>, known: readonly Migration[]): Promise<string | undefined> {
  // Both the wait for another process and a change of a large table may take long.
  await sql`SET LOCAL statement_timeout = 0`.execute(transaction)
  await sql`SELECT pg_advisory_xact_lock(${migrationLock})`.execute(transaction)
  await sql`CREATE TABLE IF NOT EXISTS migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`.execute(transaction)
  const next = firstMissing(await selectLanded(transaction), known)
  if (next === undefined) return undefined
  for (const statement of next.statements) await sql.raw(statement).execute(transaction)
  await sql`INSERT INTO migrations (name, checksum) VALUES (${next.name}, ${checksum(next)})`.execute(transaction)
  return next.name
}

function firstMissing(landed: readonly Landed[], known: readonly Migration[]): Migration | undefined {
  for (const [index, { name, checksum: landedChecksum }] of landed.entries()) {
    const migration = known[index]
    if (migration?.name !== name) {
      throw new Error(`the database has the migration ${name}, which this release does not know: start a newer release`)
    }
    if (checksum(migration) !== landedChecksum) {
      throw new Error(`the migration ${name} was changed after it ran on this database: restore it and add a new one`)
    }
  }
  return known[landed.length]
}

async function readLanded(db: Kysely<Tables>): Promise<Landed[]> {
  try {
    return await selectLanded(db)
  } catch (error) {
    const undefinedTable = '42P01'
    if (error instanceof Error && 'code' in error && error.code === undefinedTable) return []
    throw error
  }
}

async function selectLanded(db: Kysely<Tables>): Promise<Landed[]> {
  const { rows } = await sql<Landed>`SELECT name, checksum FROM migrations ORDER BY name`.execute(db)
  return rows
}

function checksum({ statements }: Migration): string {
  return createHash('sha256').update(statements.join('\0')).digest('hex')
}
