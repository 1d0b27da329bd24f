import { createHash } from 'node:crypto'
import { sealBatch } from '@owlery/server/audit/sealer.ts'
import { verifyChain } from '@owlery/server/audit/verify.ts'
import type { Tables } from '@owlery/server/db/tables.ts'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'

const database = await freshDatabase()
const { db } = database
afterAll(() => database.close())

let chain = 0
beforeEach(() => {
  chain += 1
})

/** Rows of the chain's organization, by one statement; their ids. */
async function write(count: number, to: Kysely<Tables> = db): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO audit_logs (organization_id, actor_user_id, actor_email, action, resource, meta)
    SELECT ${chain}::integer, 7, 'ada@example.com', 'UPDATE_MONITOR', 'monitor:' || n, jsonb_build_object('n', n, 'ip', NULL)
    FROM generate_series(1, ${count}::integer) AS n RETURNING id`.execute(to)
  return rows.map(({ id }) => id)
}

async function sealAll(limit = 500): Promise<void> {
  while ((await sealBatch(db, limit)) > 0);
}

/** As somebody who may do anything in the database. */
async function pastTriggers(change: (tx: Kysely<Tables>) => Promise<unknown>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx)
    await change(tx)
  })
}

const seals = () => db.selectFrom('audit_seals').selectAll().where('chain', '=', chain).orderBy('position').execute()
const headOf = async () => (await verifyChain(db, chain)).head

async function firstBreak(kept?: { position: number; hash: Buffer }) {
  return (await verifyChain(db, chain, kept)).firstBreak
}

describe('sealing', () => {
  test('gives every row its place, and a hash over the row and the hash before it', async () => {
    const moment = '2026-05-13T18:00:00.123456Z'
    for (const resource of ['token:1', 'token:2']) {
      await sql`INSERT INTO audit_logs (organization_id, action, resource, meta, created_at)
        VALUES (${chain}, 'CREATE_TOKEN', ${resource}, '{"b":1.50,"a":null}', ${moment})`.execute(db)
    }
    await sealAll()
    const [first, second] = await seals()
    const content = (id: number | undefined, resource: string) =>
      `[${id}, ${chain}, "${moment}", null, null, null, "CREATE_TOKEN", "${resource}", {"a": null, "b": 1.50}]`
    const hash = (before: Buffer, position: number, text: string) =>
      createHash('sha256').update(before).update(`${chain}:${position}:${text}`).digest('hex')
    const one = hash(Buffer.alloc(32), 1, content(first?.audit_log_id, 'token:1'))
    const two = hash(Buffer.from(one, 'hex'), 2, content(second?.audit_log_id, 'token:2'))
    expect([first, second].map((seal) => [seal?.position, seal?.hash.toString('hex')])).toEqual([
      [1, one],
      [2, two],
    ])
  })

  test('keeps the organizations apart, and those rows that belong to none', async () => {
    await write(3)
    await sql`INSERT INTO audit_logs (action, resource, meta) VALUES ('LOGIN_FAILED', 'user:0', '{}')`.execute(db)
    const [own] = await write(1)
    await sealAll(2)
    expect((await seals()).map(({ position }) => position)).toEqual([1, 2, 3, 4])
    expect((await seals()).at(-1)?.audit_log_id).toBe(own)
    expect(await verifyChain(db, 0)).toMatchObject({ checked: 1, unsealed: 0, firstBreak: null })
  })

  test('leaves nothing out when several are at it while rows are written', async () => {
    const writers = Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 5; round++) await write(3)
    })
    const sealers = Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 10; round++) await sealBatch(db, 7)
    })
    await Promise.all([...writers, ...sealers])
    await sealAll()
    expect(await verifyChain(db, chain)).toMatchObject({ checked: 120, unsealed: 0, firstBreak: null })
  })

  test('is final: no statement changes a seal', async () => {
    await write(1)
    await sealAll()
    for (const change of ['UPDATE audit_seals SET position = 9', 'DELETE FROM audit_seals', 'TRUNCATE audit_seals']) {
      await expect(database.executeSql(change)).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('a row that was rolled back leaves no trace', async () => {
    const failing = db.transaction().execute(async (tx) => {
      await write(2, tx)
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await write(1)
    await sealAll()
    expect(await verifyChain(db, chain)).toMatchObject({ checked: 1, unsealed: 0, firstBreak: null })
  })
})

describe('verifying', () => {
  test('says what was checked, up to when, and what still waits', async () => {
    const [, , last] = await write(3)
    await sealAll()
    await write(2)
    const { created_at: moment } = await db
      .selectFrom('audit_logs')
      .select('created_at')
      .where('id', '=', last ?? 0)
      .executeTakeFirstOrThrow()
    const outcome = await verifyChain(db, chain)
    expect(outcome).toMatchObject({ checked: 3, unsealed: 2, firstBreak: null, sealedThrough: moment })
    expect(outcome.head).toEqual({ position: 3, hash: (await seals())[2]?.hash })
  })

  test('an empty log is in order', async () => {
    expect(await verifyChain(db, chain)).toEqual({
      checked: 0,
      sealedThrough: null,
      unsealed: 0,
      firstBreak: null,
      head: null,
    })
  })

  test.each([
    ['organization_id', sql`organization_id + 1`],
    ['actor_user_id', sql`8`],
    ['actor_pat_id', sql`1`],
    ['actor_email', sql`NULL`],
    ['action', sql`'READ_MONITOR'`],
    ['resource', sql`'monitor:01'`],
    ['meta', sql`jsonb_set(meta, '{n}', '1.0')`],
    ['created_at', sql`created_at - interval '1 microsecond'`],
  ])('finds a changed %s', async (column, value) => {
    const ids = await write(5)
    await sealAll()
    await pastTriggers((tx) =>
      sql`UPDATE audit_logs SET ${sql.ref(column)} = ${value} WHERE id = ${ids[2]}`.execute(tx),
    )
    expect(await firstBreak()).toEqual({ position: 3, auditLogId: ids[2], reason: 'ROW_CHANGED' })
  })

  test('finds a removed row', async () => {
    const ids = await write(5)
    await sealAll()
    await pastTriggers((tx) => sql`DELETE FROM audit_logs WHERE id = ${ids[3]}`.execute(tx))
    expect(await firstBreak()).toEqual({ position: 4, auditLogId: ids[3], reason: 'ROW_MISSING' })
  })

  test('finds a row that was removed together with its seal', async () => {
    const ids = await write(5)
    await sealAll()
    await pastTriggers(async (tx) => {
      await sql`DELETE FROM audit_logs WHERE id = ${ids[1]}`.execute(tx)
      await sql`DELETE FROM audit_seals WHERE audit_log_id = ${ids[1]}`.execute(tx)
    })
    expect(await firstBreak()).toEqual({ position: 2, auditLogId: null, reason: 'SEAL_MISSING' })
  })

  test('finds that the chain was closed over a removed row', async () => {
    const ids = await write(5)
    await sealAll()
    await pastTriggers(async (tx) => {
      await sql`DELETE FROM audit_logs WHERE id = ${ids[1]}`.execute(tx)
      await sql`DELETE FROM audit_seals WHERE audit_log_id = ${ids[1]}`.execute(tx)
      await sql`UPDATE audit_seals SET position = -position WHERE chain = ${chain} AND position > 2`.execute(tx)
      await sql`UPDATE audit_seals SET position = -position - 1 WHERE chain = ${chain} AND position < 0`.execute(tx)
    })
    expect(await firstBreak()).toEqual({ position: 2, auditLogId: ids[2], reason: 'ROW_CHANGED' })
  })

  test('finds a row that was slipped in, before or after the others', async () => {
    const ids = await write(5)
    await sealAll()
    let slipped: number | undefined
    await pastTriggers(async (tx) => {
      slipped = (await write(1, tx))[0]
      await sql`UPDATE audit_logs SET created_at = created_at - interval '1 day' WHERE id = ${slipped}`.execute(tx)
    })
    expect(slipped).toBeGreaterThan(ids[4] ?? 0)
    expect(await firstBreak()).toEqual({ position: null, auditLogId: slipped, reason: 'ROW_NOT_SEALED' })
    await write(2)
    expect(await verifyChain(db, chain)).toMatchObject({ unsealed: 2, firstBreak: { auditLogId: slipped } })
  })

  test('finds a changed seal', async () => {
    const ids = await write(5)
    await sealAll()
    await pastTriggers((tx) =>
      sql`UPDATE audit_seals SET hash = sha256(hash) WHERE audit_log_id = ${ids[2]}`.execute(tx),
    )
    expect(await firstBreak()).toEqual({ position: 3, auditLogId: ids[2], reason: 'ROW_CHANGED' })
  })

  test('finds a row that vanished before it was sealed', async () => {
    const ids = await write(3)
    await pastTriggers((tx) => sql`DELETE FROM audit_logs WHERE id = ${ids[1]}`.execute(tx))
    await sealAll()
    expect(await firstBreak()).toEqual({ position: null, auditLogId: ids[1], reason: 'ROW_MISSING' })
  })

  test('a kept head finds an end that was cut off without a trace', async () => {
    await write(5)
    await sealAll()
    const kept = (await headOf()) ?? undefined
    await pastTriggers(async (tx) => {
      const tail = sql`(SELECT audit_log_id FROM audit_seals WHERE chain = ${chain} AND position > 3)`
      await sql`DELETE FROM audit_logs WHERE id IN ${tail}`.execute(tx)
      await sql`DELETE FROM audit_seals WHERE chain = ${chain} AND position > 3`.execute(tx)
    })
    expect(await firstBreak()).toBeNull()
    expect(await firstBreak(kept)).toEqual({ position: 5, auditLogId: null, reason: 'HEAD_CHANGED' })
  })

  test('a kept head finds a chain that was forged from some row on', async () => {
    const ids = await write(5)
    await sealAll()
    const kept = (await headOf()) ?? undefined
    await pastTriggers(async (tx) => {
      await sql`UPDATE audit_logs SET action = 'LOGIN' WHERE id = ${ids[2]}`.execute(tx)
      await sql`DELETE FROM audit_seals WHERE chain = ${chain} AND position > 2`.execute(tx)
      for (const id of ids.slice(2)) await sql`INSERT INTO audit_unsealed VALUES (${id}, ${chain})`.execute(tx)
    })
    await sealAll()
    expect(await firstBreak()).toBeNull()
    expect(await firstBreak(kept)).toEqual({ position: 5, auditLogId: null, reason: 'HEAD_CHANGED' })
  })

  test('a kept head is content with a chain that has only grown', async () => {
    await write(3)
    await sealAll()
    const kept = (await headOf()) ?? undefined
    await write(3)
    await sealAll()
    expect(await verifyChain(db, chain, kept)).toMatchObject({ checked: 6, firstBreak: null })
  })
})
