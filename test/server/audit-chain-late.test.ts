import { sealBatch } from '@owlery/server/audit/sealer.ts'
import { verifyChain } from '@owlery/server/audit/verify.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { afterAll, expect, test } from 'vitest'
import { createDatabase, postgresServer } from '../support/database.ts'

// The embedded database runs one transaction at a time, so only a server can have one that is late.
const server = await postgresServer()
const database = server && (await createDatabase(server.url))
afterAll(async () => {
  await database?.close()
  await server?.stop()
})

test.runIf(database !== undefined)('a row that commits late is sealed late, and none is left out', async () => {
  if (database === undefined) return
  await migrate(database)
  const { db } = database
  const row = { organization_id: 1, action: 'LOGIN', resource: 'user:1', meta: '{}' }
  const late = await db.startTransaction().execute()
  const first = await late.insertInto('audit_logs').values(row).returning('id').executeTakeFirstOrThrow()
  const second = await db.insertInto('audit_logs').values(row).returning('id').executeTakeFirstOrThrow()
  expect(first.id).toBeLessThan(second.id)

  expect(await sealBatch(db)).toBe(1)
  expect(await verifyChain(db, 1)).toMatchObject({ checked: 1, unsealed: 0, firstBreak: null })
  await late.commit().execute()
  expect(await verifyChain(db, 1)).toMatchObject({ checked: 1, unsealed: 1, firstBreak: null })
  expect(await sealBatch(db)).toBe(1)

  const seals = await db.selectFrom('audit_seals').select('audit_log_id').orderBy('position').execute()
  expect(seals.map(({ audit_log_id: id }) => id)).toEqual([second.id, first.id])
  expect(await verifyChain(db, 1)).toMatchObject({ checked: 2, unsealed: 0, firstBreak: null })
})
