import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/connect.ts'
import type { Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'
import { beginning, contentOfLog, type Link, nextLink, readHeads } from './chain.ts'

export const sealIntervalMs = 5000

// Any number will do that nothing else in the database locks.
const sealLock = 7_231_004

// A batch is one transaction, for whose time the embedded database serves nobody else.
const rowsPerBatch = 500

export type AuditSealer = {
  /** Seals what waits, and says so in the log if it fails. A call while one is at work does nothing. */
  run(): Promise<void>
}

export function createAuditSealer({
  database,
  log,
  isStopping,
}: {
  database: Database
  log: Log
  isStopping: () => boolean
}): AuditSealer {
  let isRunning = false
  return {
    async run() {
      if (isRunning) return
      isRunning = true
      try {
        while (!isStopping() && (await sealBatch(database.db)) === rowsPerBatch);
      } catch (err) {
        // What waits goes on waiting; the next run finds it.
        log.warn({ err }, 'could not seal the audit log')
      } finally {
        isRunning = false
      }
    },
  }
}

/**
 * Gives the rows that wait the longest their places in their chains, and says how many; none while another process is
 * at it. No writer waits for this: they only add to the rows that wait, and a row that commits late comes to the end of
 * its chain whenever it comes. The order of a chain is therefore that of sealing, not that of ids.
 */
export async function sealBatch(db: Kysely<Tables>, limit: number = rowsPerBatch): Promise<number> {
  return db.transaction().execute(async (tx) => {
    // Two at once would give one place to two rows. The key of the table would refuse the second one; this is cheaper.
    const { rows } = await sql<{ free: boolean }>`SELECT pg_try_advisory_xact_lock(${sealLock}) AS free`.execute(tx)
    if (rows[0]?.free !== true) return 0
    const waiting = await readWaiting(tx, limit)
    if (waiting.length === 0) return 0
    await writeSeals(tx, await link(tx, waiting))
    const ids = waiting.map(({ id }) => id)
    await sql`DELETE FROM audit_unsealed WHERE audit_log_id = ANY (${ids}::bigint[])`.execute(tx)
    return waiting.length
  })
}

type Waiting = { readonly id: number; readonly chain: number; readonly content: string }

// One whose row has vanished waits for ever: verifying the chain reports it.
async function readWaiting(tx: Kysely<Tables>, limit: number): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    SELECT log.id, waiting.chain, ${contentOfLog} AS content
    FROM audit_unsealed AS waiting JOIN audit_logs AS log ON log.id = waiting.audit_log_id
    ORDER BY waiting.audit_log_id LIMIT ${limit}`.execute(tx)
  return rows
}

type Seal = Link & { readonly chain: number; readonly id: number }

async function link(tx: Kysely<Tables>, waiting: readonly Waiting[]): Promise<Seal[]> {
  const heads = await readHeads(tx, [...new Set(waiting.map(({ chain }) => chain))])
  return waiting.map(({ id, chain, content }) => {
    const next = nextLink(chain, heads.get(chain) ?? beginning, content)
    heads.set(chain, next)
    return { ...next, chain, id }
  })
}

async function writeSeals(tx: Kysely<Tables>, seals: readonly Seal[]): Promise<void> {
  await sql`
    INSERT INTO audit_seals (chain, position, audit_log_id, hash)
    SELECT * FROM unnest(
      ${seals.map(({ chain }) => chain)}::integer[], ${seals.map(({ position }) => position)}::bigint[],
      ${seals.map(({ id }) => id)}::bigint[], ${seals.map(({ hash }) => hash)}::bytea[]
    )`.execute(tx)
}
