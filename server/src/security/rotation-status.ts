import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { keyIdOf, readEnvelopes } from './rotation.store.ts'
import { type SealedColumn, sealedColumns } from './sealed-columns.ts'

/** How many envelopes each key has sealed. */
export type KeyUse = { readonly column: string; readonly byKeyId: ReadonlyMap<string, number> }

export const noKeyId = '(no envelope)'

const rowsPerPage = 1000

export async function readKeyUse(
  db: Kysely<Tables>,
  columns: readonly SealedColumn[] = sealedColumns,
): Promise<KeyUse[]> {
  const uses: KeyUse[] = []
  for (const column of columns) {
    const byKeyId = new Map<string, number>()
    for await (const page of readEnvelopes(db, column, rowsPerPage)) {
      for (const { envelope } of page) {
        const keyId = keyIdOf(envelope) ?? noKeyId
        byKeyId.set(keyId, (byKeyId.get(keyId) ?? 0) + 1)
      }
    }
    uses.push({ column: `${column.table}.${column.column}`, byKeyId })
  }
  return [...uses, ...(await readJobs(db))]
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
