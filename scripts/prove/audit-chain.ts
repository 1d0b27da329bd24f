import { sealBatch } from '@owlery/server/audit/sealer.ts'
import { type KeptHead, type Verification, verifyChain } from '@owlery/server/audit/verify.ts'
import { connect } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import type { Tables } from '@owlery/server/db/tables.ts'
import { type Kysely, sql } from 'kysely'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { writeAuditRows } from './audit-rows.ts'
import type { Proof } from './proof.ts'

const organizationId = 1

export const auditChain: Proof = {
  summary: 'one changed, removed, slipped-in or cut-off row is found among 100,000 (--runs: how many rows)',
  short: 10_000,
  prove: async (count = 100_000) => {
    await using server = await startPostgres()
    const database = await connect({ kind: 'postgres', url: server.url, poolSize: 10 })
    try {
      await migrate(database)
      return await prove(database.db, count)
    } finally {
      await database.close()
    }
  },
}

async function prove(db: Kysely<Tables>, count: number): Promise<boolean> {
  await writeAuditRows(db, organizationId, count)
  await timed('sealed', count, () => sealAll(db))
  let whole: Verification | undefined
  await timed('verified', count, async () => {
    whole = await verifyChain(db, organizationId)
  })
  if (whole?.firstBreak !== null || whole.checked !== count || whole.head === null) return false

  const middle = Math.floor(count / 2)
  let held = true
  for (const { name, change, expected, kept } of tamperings(middle, count, whole.head)) {
    // All in one transaction that is rolled back, so every change is tried on the same whole chain.
    const tx = await db.startTransaction().execute()
    await sql`SET LOCAL session_replication_role = replica`.execute(tx)
    await change(tx)
    const { firstBreak } = await verifyChain(tx, organizationId, kept)
    await tx.rollback().execute()
    const isFound = firstBreak?.reason === expected
    console.log(`${name}: ${firstBreak === null ? 'not seen' : `${firstBreak.reason} at ${firstBreak.position}`}`)
    held &&= isFound
  }
  return held
}

type Tampering = {
  readonly name: string
  readonly expected: string
  readonly kept?: KeptHead
  readonly change: (tx: Kysely<Tables>) => Promise<unknown>
}

function tamperings(middle: number, count: number, head: KeptHead): Tampering[] {
  const place = sql`(SELECT audit_log_id FROM audit_seals WHERE chain = ${organizationId} AND position = ${middle})`
  return [
    {
      name: 'one row changed',
      expected: 'ROW_CHANGED',
      change: (tx) => sql`UPDATE audit_logs SET actor_user_id = 999 WHERE id = ${place}`.execute(tx),
    },
    {
      name: 'one row removed',
      expected: 'ROW_MISSING',
      change: (tx) => sql`DELETE FROM audit_logs WHERE id = ${place}`.execute(tx),
    },
    {
      name: 'one row and its seal removed',
      expected: 'SEAL_MISSING',
      change: async (tx) => {
        await sql`DELETE FROM audit_logs WHERE id = ${place}`.execute(tx)
        await sql`DELETE FROM audit_seals WHERE chain = ${organizationId} AND position = ${middle}`.execute(tx)
      },
    },
    {
      name: 'one row slipped in',
      expected: 'ROW_NOT_SEALED',
      change: (tx) =>
        sql`INSERT INTO audit_logs (organization_id, action, resource, meta, created_at)
          SELECT organization_id, action, resource, meta, created_at FROM audit_logs WHERE id = ${place}`.execute(tx),
    },
    {
      name: 'the last row and its seal cut off, a head kept',
      expected: 'HEAD_CHANGED',
      kept: head,
      change: async (tx) => {
        const last = sql`(SELECT audit_log_id FROM audit_seals WHERE chain = ${organizationId} AND position = ${count})`
        await sql`DELETE FROM audit_logs WHERE id = ${last}`.execute(tx)
        await sql`DELETE FROM audit_seals WHERE chain = ${organizationId} AND position = ${count}`.execute(tx)
      },
    },
  ]
}

async function sealAll(db: Kysely<Tables>): Promise<void> {
  while ((await sealBatch(db)) > 0);
}

async function timed(what: string, count: number, work: () => Promise<void>): Promise<void> {
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  console.log(`${what} ${count} rows in ${seconds.toFixed(1)} s: ${Math.round(count / seconds)} rows/s`)
}
