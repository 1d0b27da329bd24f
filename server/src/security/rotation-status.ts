import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { keyIdOf, readSealedRows } from './rotation.store.ts'
import { type SealedTable, sealedTables } from './sealed-columns.ts'

/** How many envelopes each key has sealed. */
export type KeyUse = { readonly column: string; readonly byKeyId: ReadonlyMap<string, number> }

const noKeyId = '(no envelope)'

const rowsPerPage = 1000

export async function readKeyUse(db: Kysely<Tables>, tables: readonly SealedTable[] = sealedTables): Promise<KeyUse[]> {
  const uses: KeyUse[] = []
  for (const table of tables) uses.push(...(await readTable(db, table)))
  return [...uses, ...(await readJobs(db))]
}

async function readTable(db: Kysely<Tables>, table: SealedTable): Promise<KeyUse[]> {
  const counts = table.columns.map(() => new Map<string, number>())
  for await (const rows of readSealedRows(db, table, rowsPerPage)) {
    for (const { envelopes } of rows) {
      for (const [index, envelope] of envelopes.entries()) {
        if (envelope === null) continue
        const keyId = keyIdOf(envelope) ?? noKeyId
        counts[index]?.set(keyId, (counts[index].get(keyId) ?? 0) + 1)
      }
    }
  }
  return table.columns.map((column, index) => ({
    column: `${table.table}.${column}`,
    byKeyId: counts[index] ?? new Map(),
  }))
}

/** The job queue's own table is only read: what is sealed in it is gone within a day. */
async function readJobs(db: Kysely<Tables>): Promise<KeyUse[]> {
  const known = await sql<{ exists: boolean }>`SELECT to_regclass('jobs.job') IS NOT NULL AS exists`.execute(db)
  if (known.rows[0]?.exists !== true) return []
  const { rows } = await sql<{ keyId: string | null; count: number }>`
    SELECT (data ->> 'sealed')::jsonb ->> 'kid' AS "keyId", count(*) AS count
    FROM jobs.job WHERE data ->> 'sealed' IS NOT NULL GROUP BY 1`.execute(db)
  return [{ column: 'jobs.job.data', byKeyId: new Map(rows.map(({ keyId, count }) => [keyId ?? noKeyId, count])) }]
}
