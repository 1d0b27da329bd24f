import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { type AuditCursor, type AuditFilter, listAuditLogs } from './audit-logs.store.ts'
import { csvHeading, toCsvLine } from './audit-logs.view.ts'

const rowsPerPage = 1000

type Export = {
  readonly organizationId: number
  readonly filter: AuditFilter
  readonly after: AuditCursor | undefined
  readonly limit: number
}

/**
 * The rows as CSV, page by page, each read when the reader has taken the one before: however long the log, only one
 * page is in memory, no connection is held in between, and nothing more is read once the reader has gone.
 */
export function csvOf(
  db: Kysely<Tables>,
  { organizationId, filter, after, limit }: Export,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let heading = csvHeading
  let cursor = after
  let left = limit
  return new ReadableStream(
    {
      async pull(controller) {
        const size = Math.min(left, rowsPerPage)
        const rows = await listAuditLogs(db, organizationId, filter, { limit: size, after: cursor })
        const text = heading + rows.map(toCsvLine).join('')
        if (text !== '') controller.enqueue(encoder.encode(text))
        heading = ''
        left -= rows.length
        const last = rows.at(-1)
        if (last === undefined || rows.length < size || left === 0) controller.close()
        else cursor = { id: last.id, moment: last.moment }
      },
    },
    // Without it the first page would be read at once, while the caller's transaction still holds the database.
    { highWaterMark: 0 },
  )
}
