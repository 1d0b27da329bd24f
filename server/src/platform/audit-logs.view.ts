import type { JsonValue } from '../db/json.ts'
import type { AuditLogRow } from './audit-logs.store.ts'

export function toAuditLog(row: AuditLogRow) {
  return {
    id: row.id,
    createdAt: row.created_at.toISOString(),
    actorUserId: row.actor_user_id,
    actorPatId: row.actor_pat_id,
    actorEmail: row.actor_email,
    action: row.action,
    resource: row.resource,
    meta: isObject(row.meta) ? row.meta : {},
  }
}

// A spreadsheet takes such a cell for a formula, which could send the sheet elsewhere. The wide forms are what some
// East Asian versions read as the same signs.
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/
const needsQuotes = /[",\r\n]/

const columns = [
  'id',
  'createdAt',
  'actorUserId',
  'actorPatId',
  'actorEmail',
  'action',
  'resource',
  'meta',
] as const satisfies readonly (keyof ReturnType<typeof toAuditLog>)[]

export const csvHeading = csvLine(columns)

export function toCsvLine(row: AuditLogRow): string {
  const log = toAuditLog(row)
  return csvLine(
    columns.map((column) => {
      const value = log[column]
      if (value === null) return ''
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
    }),
  )
}

/** RFC 4180: lines end with CR LF, and a quote within quotes is doubled. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(text: string): string {
  const safe = formulaStart.test(text) ? `'${text}` : text
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
