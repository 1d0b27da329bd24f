import { createAuditSealer } from '@owlery/server/audit/sealer.ts'
import { verifyChain } from '@owlery/server/audit/verify.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { type KyselyPlugin, sql } from 'kysely'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'

const database = await freshDatabase()
const { db } = database
afterAll(() => database.close())

let logged: string[] = []
const log = createLogTo({ write: (line) => void logged.push(line) }, 'info')
const neverStopping = () => false

let chain = 0
beforeEach(async () => {
  logged = []
  chain += 1
  await sql`INSERT INTO audit_logs (organization_id, action, resource, meta)
    SELECT ${chain}::integer, 'LOGIN', 'user:' || n, '{}' FROM generate_series(1, 1200) AS n`.execute(db)
})

test('one run seals all that waits, batch by batch', async () => {
  await createAuditSealer({ database, log, isStopping: neverStopping }).run()
  expect(await verifyChain(db, chain)).toMatchObject({ checked: 1200, unsealed: 0, firstBreak: null })
  expect(logged).toEqual([])
})

test('a run stops between batches when the process does', async () => {
  let asked = 0
  await createAuditSealer({ database, log, isStopping: () => ++asked > 1 }).run()
  expect(await verifyChain(db, chain)).toMatchObject({ checked: 500, unsealed: 700, firstBreak: null })
  await createAuditSealer({ database, log, isStopping: neverStopping }).run()
  expect(await verifyChain(db, chain)).toMatchObject({ checked: 1200, unsealed: 0, firstBreak: null })
})

test('a failure is told in the log, and the next run goes on', async () => {
  let isBroken = true
  const breaking: KyselyPlugin = {
    transformQuery({ node }) {
      if (isBroken) throw new Error('the disk is full')
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const sealer = createAuditSealer({
    database: { ...database, db: db.withPlugin(breaking) },
    log,
    isStopping: neverStopping,
  })
  await sealer.run()
  expect(logged.map((line): unknown => JSON.parse(line))).toMatchObject([
    { level: 'warn', msg: 'could not seal the audit log', err: { message: 'the disk is full' } },
  ])
  isBroken = false
  await sealer.run()
  expect(await verifyChain(db, chain)).toMatchObject({ checked: 1200, unsealed: 0 })
})
