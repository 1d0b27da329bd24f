import { connect, type Database } from '@owlery/server/db/connect.ts'
import { isUnavailable, violated } from '@owlery/server/db/constraints.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresServer } from '../support/database.ts'

const server = await postgresServer()
afterAll(() => server?.stop())

// What each expression must become. Where PostgreSQL is at hand, the table holds both drivers to the same values.
const columns: readonly (readonly [expression: string, value: unknown])[] = [
  ['NULL::int8', null],
  ['true', true],
  ['7::int2', 7],
  ['9007199254740991::int8', 9_007_199_254_740_991],
  ['count(*)', 1],
  ['sum(7::int4)', 7],
  ['1.50::numeric', '1.50'],
  ['0.1::float8', 0.1],
  [`'ä "\\'`, 'ä "\\'],
  [`''::text`, ''],
  [`'2026-02-28'::date`, '2026-02-28'],
  [`'2026-02-28 23:59:59.123+02'::timestamptz`, new Date('2026-02-28T21:59:59.123Z')],
  [`'2026-02-28 23:30-05'::timestamptz::date`, '2026-03-01'],
  [`'\\x00ff'::bytea`, Buffer.from([0, 255])],
  [`'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
  [`'"text"'::jsonb`, 'text'],
  [`'null'::jsonb`, null],
  [`'0f3b8c9e-7a55-4c1e-9d53-6d5d5a8a6b01'::uuid`, '0f3b8c9e-7a55-4c1e-9d53-6d5d5a8a6b01'],
  [`ARRAY['a,b', NULL, '"']`, ['a,b', null, '"']],
  [`'{}'::text[]`, []],
  ['ARRAY[1, 2]::int8[]', [1, 2]],
  [`ARRAY['2026-02-28'::date]`, ['2026-02-28']],
  ['ARRAY[1.50]', ['1.50']],
]

const parameters: readonly (readonly [type: string, value: unknown, result: unknown])[] = [
  ['int8', 12, 12],
  ['int8', 12n, 12],
  ['text', undefined, null],
  ['bool', false, false],
  ['text', 'a\\b', 'a\\b'],
  ['timestamptz', new Date('2026-02-28T21:59:59.123Z'), new Date('2026-02-28T21:59:59.123Z')],
  ['bytea', new Uint8Array([0, 255]), Buffer.from([0, 255])],
  ['jsonb', { a: ['ü', 1] }, { a: ['ü', 1] }],
  ['jsonb', '[1]', [1]],
  ['text[]', ['a,b', '"', '\\', null, ''], ['a,b', '"', '\\', null, '']],
  ['int4[]', [[1], [2]], [[1], [2]]],
  ['bytea[]', [Buffer.from([1])], [Buffer.from([1])]],
]

describe.each(server === undefined ? ['pglite'] : ['pglite', 'postgres'])('on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database =
      kind === 'postgres' && server !== undefined ? await createDatabase(server.url) : await connect({ kind: 'pglite' })
    await database.executeSql(`
      CREATE TABLE owls (id int PRIMARY KEY, name text NOT NULL CONSTRAINT owls_name_known CHECK (name <> 'hawk'));
      CREATE TABLE nests (owl int CONSTRAINT nests_owl_exists REFERENCES owls)`)
  })
  afterAll(() => database.close())

  async function ids(): Promise<number[]> {
    const { rows } = await sql<{ id: number }>`SELECT id FROM owls ORDER BY id`.execute(database.db)
    return rows.map(({ id }) => id)
  }

  test('columns become the agreed values', async () => {
    const list = columns.map(([expression], index) => `${expression} AS c${index}`).join(', ')
    const expected = Object.fromEntries(columns.map(([, value], index) => [`c${index}`, value]))
    const { rows } = await database.executeSql(`SELECT ${list}`)
    expect(rows).toStrictEqual([expected])
    const { rows: again } = await sql.raw(`SELECT ${list}`).execute(database.db)
    expect(again).toStrictEqual([expected])
  })

  test.each(parameters)('a parameter of type %s: %o', async (type, value, expected) => {
    const { rows } = await database.executeSql(`SELECT $1::${type} AS value`, [value])
    expect(rows).toStrictEqual([{ value: expected }])
  })

  test('an integer that a number cannot hold is an error, not a wrong number', async () => {
    await expect(database.executeSql('SELECT 9007199254740993 AS value')).rejects.toThrow(RangeError)
  })

  test('several statements at once give all their rows', async () => {
    expect(await database.executeSql('SELECT 1 AS a; SELECT 2 AS a')).toEqual({ rows: [{ a: 1 }, { a: 2 }] })
  })

  test('counts of changed rows', async () => {
    const insert = await sql`INSERT INTO owls VALUES (101, 'a'), (102, 'b')`.execute(database.db)
    expect(insert.numAffectedRows).toBe(2n)
    const remove = await sql`DELETE FROM owls WHERE id > 100`.execute(database.db)
    expect(remove.numAffectedRows).toBe(2n)
    expect((await sql`SELECT 1`.execute(database.db)).numAffectedRows).toBeUndefined()
  })

  test('a transaction commits as a whole or not at all', async () => {
    await database.db.transaction().execute((trx) => sql`INSERT INTO owls VALUES (1, 'barn')`.execute(trx))
    const failing = database.db.transaction().execute(async (trx) => {
      await sql`INSERT INTO owls VALUES (2, 'snowy')`.execute(trx)
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await ids()).toEqual([1])
  })

  test('a commit that the database turns into a rollback is an error', async () => {
    const trx = await database.db.startTransaction().execute()
    await sql`INSERT INTO owls VALUES (3, 'hawk')`.execute(trx).catch(() => undefined)
    await expect(trx.commit().execute()).rejects.toThrow()
    await trx.rollback().execute()
    expect(await ids()).not.toContain(3)
  })

  test('savepoints undo a part', async () => {
    const trx = await database.db.startTransaction().execute()
    await sql`INSERT INTO owls VALUES (10, 'eagle')`.execute(trx)
    const saved = await trx.savepoint('odd "name"').execute()
    await sql`INSERT INTO owls VALUES (10, 'twice')`.execute(saved).catch(() => undefined)
    await saved.rollbackToSavepoint('odd "name"').execute()
    await sql`INSERT INTO owls VALUES (11, 'tawny')`.execute(saved)
    await saved.releaseSavepoint('odd "name"').execute()
    await trx.commit().execute()
    expect(await ids()).toEqual(expect.arrayContaining([10, 11]))
  })

  test('statements of one transaction may be started together', async () => {
    await database.db.transaction().execute(async (trx) => {
      await Promise.all([20, 21, 22].map((id) => sql`INSERT INTO owls VALUES (${id}, 'x')`.execute(trx)))
    })
    expect(await ids()).toEqual(expect.arrayContaining([20, 21, 22]))
  })

  test('transactions at the same time do not lose updates', async () => {
    await sql`INSERT INTO owls VALUES (30, '0')`.execute(database.db)
    const increment = () =>
      database.db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ name: string }>`SELECT name FROM owls WHERE id = 30 FOR UPDATE`.execute(trx)
        await sql`UPDATE owls SET name = ${Number(rows[0]?.name) + 1} WHERE id = 30`.execute(trx)
      })
    await Promise.all(Array.from({ length: 20 }, increment))
    const { rows } = await sql`SELECT name FROM owls WHERE id = 30`.execute(database.db)
    expect(rows).toEqual([{ name: '20' }])
  })

  test.each([
    ['owls_pkey', `INSERT INTO owls VALUES (40, 'a'), (40, 'b')`],
    ['owls_name_known', `INSERT INTO owls VALUES (41, 'hawk')`],
    ['nests_owl_exists', 'INSERT INTO nests VALUES (999)'],
  ])('the refusing constraint is named: %s', async (constraint, statement) => {
    const error = await sql
      .raw(statement)
      .execute(database.db)
      .catch((thrown: unknown) => thrown)
    expect(violated(error)).toBe(constraint)
    expect(isUnavailable(error)).toBe(false)
  })

  test.each(['INSERT INTO owls VALUES (42, NULL)', 'SELECT 1 / 0', 'SELEC 1'])(
    'no constraint refused %s',
    async (text) => {
      const error = await sql
        .raw(text)
        .execute(database.db)
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Error)
      expect(violated(error)).toBeUndefined()
      expect(isUnavailable(error)).toBe(false)
    },
  )

  test('a failed script leaves no open transaction behind', async () => {
    await expect(database.executeSql('BEGIN; SELECT 1 / 0; COMMIT')).rejects.toThrow('division by zero')
    await database.check(1000)
    expect(await ids()).toEqual(expect.any(Array))
  })

  test('upkeep keeps every row', async () => {
    await sql`INSERT INTO owls SELECT 1000 + g, 'many' FROM generate_series(1, 2000) g`.execute(database.db)
    await sql`DELETE FROM owls WHERE id BETWEEN 1001 AND 1900`.execute(database.db)
    await database.maintain()
    const { rows } = await sql`SELECT count(*) FROM owls WHERE id > 1000`.execute(database.db)
    expect(rows).toEqual([{ count: 1100 }])
  })

  test('days are counted in UTC', async () => {
    expect((await database.executeSql('SHOW timezone')).rows).toEqual([{ TimeZone: 'UTC' }])
  })
})
