import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { isUnavailable } from '@owlery/server/db/constraints.ts'
import { openPglite } from '@owlery/server/db/pglite.ts'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'owlery-database-'))
const dataDir = join(folder, 'database')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function values({ executeSql }: Database): Promise<unknown[]> {
  return (await executeSql('SELECT value FROM kept ORDER BY value')).rows.map(({ value }) => value)
}

function keep({ db }: Database, value: number) {
  return sql`INSERT INTO kept VALUES (${value})`.execute(db)
}

describe('in a folder', () => {
  let database: Database
  beforeAll(async () => {
    // What a first start that was cut short leaves beside the folder.
    mkdirSync(`${dataDir}.unfinished`)
    writeFileSync(`${dataDir}.unfinished/PG_VERSION`, '18')
    database = await connect({ kind: 'pglite', dataDir })
    await database.executeSql('CREATE TABLE kept (value int)')
    await database.close()
  })
  beforeEach(async () => {
    database = await connect({ kind: 'pglite', dataDir })
  })
  afterEach(() => database.close())

  test('rows are there after closing and opening', async () => {
    await keep(database, 1)
    await database.close()
    database = await connect({ kind: 'pglite', dataDir })
    expect(await values(database)).toEqual([1])
  })

  test('the log does not grow for ever', async () => {
    const script = `INSERT INTO kept SELECT -1 FROM generate_series(1, 100000); DELETE FROM kept WHERE value = -1`
    const logBytes = async () =>
      (await database.executeSql('SELECT sum(size)::int8 AS bytes FROM pg_ls_waldir()')).rows[0]
    for (let round = 0; round < 16; round++) await database.executeSql(script)
    expect(Number((await logBytes())?.['bytes'])).toBeLessThan(200 * 1024 * 1024)
  })

  test('upkeep cleans the tables with many dead rows', async () => {
    await database.executeSql(
      'INSERT INTO kept SELECT -1 FROM generate_series(1, 5000); DELETE FROM kept WHERE value = -1',
    )
    await database.maintain()
    const { rows } = await database.executeSql(
      `SELECT vacuum_count > 0 AS cleaned, n_dead_tup AS dead FROM pg_stat_user_tables WHERE relname = 'kept'`,
    )
    expect(rows).toEqual([{ cleaned: true, dead: 0 }])
  })

  test('a damaged one says why it does not start', async () => {
    const damaged = join(folder, 'damaged')
    await database.close()
    cpSync(dataDir, damaged, { recursive: true })
    writeFileSync(join(damaged, 'global', 'pg_control'), 'nonsense')
    await expect(connect({ kind: 'pglite', dataDir: damaged })).rejects.toThrow(/damaged does not start:.*pg_control/s)
  })

  test('a folder that holds something else is left alone', async () => {
    const other = join(folder, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'letter.txt'), 'mine')
    await expect(connect({ kind: 'pglite', dataDir: other })).rejects.toThrow(/ENOTEMPTY/)
  })
})

describe('one engine for everybody', () => {
  let database: Database
  beforeAll(async () => {
    database = await connect({ kind: 'pglite' })
    await database.executeSql('CREATE TABLE kept (value int)')
  })
  afterAll(() => database.close())
  afterEach(() => vi.useRealTimers())

  test('an open transaction keeps others waiting, in their order', async () => {
    const trx = await database.db.startTransaction().execute()
    const others = [1, 2, 3].map((value) => keep(database, value))
    await expect(database.check(50)).rejects.toThrow('busy')
    expect(database.pool()).toMatchObject({ total: 1, idle: 0 })
    expect(database.pool().waiting).toBeGreaterThanOrEqual(3)
    await trx.commit().execute()
    await Promise.all(others)
    await database.check(1000)
    const { rows } = await database.executeSql('SELECT value FROM kept ORDER BY ctid')
    expect(rows).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }])
    expect(database.pool()).toEqual({ total: 1, idle: 1, waiting: 0 })
  })

  test('who waits too long is told that the database is unavailable', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const trx = await database.db.startTransaction().execute()
    const waiting = keep(database, 4).catch((thrown: unknown) => thrown)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(isUnavailable(await waiting)).toBe(true)
    await trx.rollback().execute()
  })

  test('a transaction that is left lying is rolled back and frees the engine', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const trx = await database.db.startTransaction().execute()
    await sql`INSERT INTO kept VALUES (5)`.execute(trx)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await values(database)).not.toContain(5)
    const late = await trx
      .commit()
      .execute()
      .catch((thrown: unknown) => thrown)
    expect(isUnavailable(late)).toBe(true)
    await trx.rollback().execute()
  })

  test('a row of statements lets timers run', async () => {
    let ticks = 0
    const timer = setInterval(() => {
      ticks += 1
    }, 5)
    const end = performance.now() + 300
    while (performance.now() < end) await database.executeSql('SELECT 1')
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(10)
  })

  test('a snapshot opens as a copy', async () => {
    const original = await openPglite({ kind: 'pglite' })
    await original.executeSql('CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)')
    const copy = await connect({ kind: 'pglite', snapshot: await original.snapshot() })
    await keep(copy, 8)
    expect(await values(original)).toEqual([7])
    expect(await values(copy)).toEqual([7, 8])
    await copy.close()
    await original.close()
  })
})
