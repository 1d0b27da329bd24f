import type { Database } from '@owlery/server/db/connect.ts'
import { connect } from '@owlery/server/db/connect.ts'
import { isUnavailable } from '@owlery/server/db/constraints.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../scripts/lib/temporary-postgres.ts'
import { createDatabase, postgresServer } from '../support/database.ts'

const server = await postgresServer()
afterAll(() => server?.stop())

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('a server that is not there is unavailable', async () => {
  const database = await connect({
    kind: 'postgres',
    url: `postgres://nobody@127.0.0.1:${await freePort()}/x`,
    poolSize: 1,
  })
  expect(isUnavailable(await failure(database.check(5000)))).toBe(true)
  expect(isUnavailable(await failure(sql`SELECT 1`.execute(database.db)))).toBe(true)
  await database.close()
  expect(isUnavailable(await failure(sql`SELECT 1`.execute(database.db)))).toBe(true)
})

describe.runIf(server !== undefined)('a server that', () => {
  let database: Database
  let admin: Database
  beforeAll(async () => {
    if (server === undefined) throw new Error('there is no server')
    const created = await createDatabase(server.url)
    admin = created
    database = await connect({ kind: 'postgres', url: created.url, poolSize: 2 })
  })
  afterAll(async () => {
    await database.close()
    await admin.close()
  })

  async function killConnections(): Promise<void> {
    await admin.executeSql(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'owlery'`)
  }

  test('drops an idle connection is asked again over a new one', async () => {
    await database.check(5000)
    await killConnections()
    await expect.poll(() => database.pool().total).toBe(0)
    await database.check(5000)
  })

  test('drops a connection between the statements of a transaction fails that transaction alone', async () => {
    const lost = database.db.transaction().execute(async (trx) => {
      await sql`SELECT 1`.execute(trx)
      await killConnections()
      await new Promise((resolve) => setTimeout(resolve, 100))
      await sql`SELECT 1`.execute(trx)
    })
    expect(isUnavailable(await failure(lost))).toBe(true)
    await database.check(5000)
  })

  test('drops a connection under a statement makes that statement unavailable', async () => {
    const lost = failure(database.executeSql('SELECT pg_sleep(10)'))
    await expect
      .poll(async () => {
        await killConnections()
        return Promise.race([lost.then(isUnavailable), new Promise((resolve) => setTimeout(resolve, 100))])
      })
      .toBe(true)
  })

  test('has no connection left is unavailable after a while, and not before', async () => {
    const held = await Promise.all([1, 2].map(() => database.db.startTransaction().execute()))
    await Promise.all(held.map((trx) => sql`SELECT 1`.execute(trx)))
    expect(database.pool()).toEqual({ total: 2, idle: 0, waiting: 0 })
    const started = performance.now()
    expect(isUnavailable(await failure(sql`SELECT 1`.execute(database.db)))).toBe(true)
    expect(performance.now() - started).toBeGreaterThan(4000)
    expect(isUnavailable(await failure(database.check(100)))).toBe(true)
    await Promise.all(held.map((trx) => trx.rollback().execute()))
    await database.check(5000)
  })

  test('is told our limits', async () => {
    const names = ['statement_timeout', 'idle_in_transaction_session_timeout', 'application_name']
    const { rows } = await database.executeSql('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [names])
    expect(new Map(rows.map(({ name, setting }) => [name, setting]))).toEqual(
      new Map([
        ['application_name', 'owlery'],
        ['idle_in_transaction_session_timeout', '30000'],
        ['statement_timeout', '30000'],
      ]),
    )
  })
})
