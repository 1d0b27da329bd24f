import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { beginning, chainOfNobody, contentOfLog, type Link, nextLink, readHeads } from './chain.ts'

export type Break = {
  readonly position: number | null
  readonly auditLogId: number | null
  readonly reason: 'ROW_CHANGED' | 'ROW_MISSING' | 'ROW_NOT_SEALED' | 'SEAL_MISSING' | 'HEAD_CHANGED'
}

export type Verification = {
  readonly checked: number
  readonly sealedThrough: Date | null
  readonly unsealed: number
  readonly firstBreak: Break | null
  readonly head: Link | null
}

/** A head that somebody kept outside of this database, where whoever can write to the database cannot reach it. */
export type KeptHead = { readonly position: number; readonly hash: Buffer }

const rowsPerBatch = 1000

/**
 * Computes the whole chain anew and compares. Whoever may switch off the triggers could forge all of a chain
 * consistently; against that only a kept head helps.
 */
export async function verifyChain(db: Kysely<Tables>, chain: number, kept?: KeptHead): Promise<Verification> {
  const head = (await readHeads(db, [chain])).get(chain) ?? null
  const walked = await walk(db, chain, head?.position ?? 0, kept)
  const { unsealed, stray } = await lookOutside(db, chain)
  const isCutOff = kept !== undefined && kept.position > (head?.position ?? 0)
  return {
    checked: walked.checked,
    sealedThrough: head === null ? null : await momentOf(db, chain, head.position),
    unsealed,
    firstBreak: walked.broken ?? (isCutOff ? headChanged(kept) : null) ?? stray,
    head,
  }
}

type Walked = { readonly checked: number; readonly broken: Break | null }
type Sealed = Link & { readonly auditLogId: number; readonly content: string | null }

async function walk(db: Kysely<Tables>, chain: number, last: number, kept: KeptHead | undefined): Promise<Walked> {
  let previous = beginning
  while (previous.position < last) {
    const batch = await readBatch(db, chain, previous.position, last)
    for (const sealed of batch) {
      const broken = breakAt(chain, previous, sealed, kept)
      if (broken !== undefined) return { checked: previous.position + 1, broken }
      previous = sealed
    }
    if (batch.length === 0) return { checked: previous.position, broken: sealMissing(previous) }
  }
  return { checked: previous.position, broken: null }
}

async function readBatch(db: Kysely<Tables>, chain: number, after: number, last: number): Promise<Sealed[]> {
  const { rows } = await sql<Sealed>`
    SELECT seal.position, seal.hash, seal.audit_log_id AS "auditLogId",
      CASE WHEN log.id IS NOT NULL THEN ${contentOfLog} END AS content
    FROM audit_seals AS seal LEFT JOIN audit_logs AS log ON log.id = seal.audit_log_id
    WHERE seal.chain = ${chain} AND seal.position > ${after} AND seal.position <= ${last}
    ORDER BY seal.position LIMIT ${rowsPerBatch}`.execute(db)
  return rows
}

// Each row is held against the stored hash before it, so that one fault is not repeated by every row that follows.
function breakAt(chain: number, previous: Link, sealed: Sealed, kept: KeptHead | undefined): Break | undefined {
  const { position, auditLogId, hash, content } = sealed
  if (position !== previous.position + 1) return sealMissing(previous)
  if (content === null) return { position, auditLogId, reason: 'ROW_MISSING' }
  if (!nextLink(chain, previous, content).hash.equals(hash)) return { position, auditLogId, reason: 'ROW_CHANGED' }
  if (kept?.position === position && !kept.hash.equals(hash)) return headChanged(kept)
  return undefined
}

function sealMissing(previous: Link): Break {
  return { position: previous.position + 1, auditLogId: null, reason: 'SEAL_MISSING' }
}

function headChanged(kept: KeptHead): Break {
  return { position: kept.position, auditLogId: null, reason: 'HEAD_CHANGED' }
}

type Counts = {
  readonly written: number
  readonly sealed: number
  readonly waiting: number
  readonly lost: number | null
}

/** What is not in the chain: rows that wait for their seal, and rows that came or went past the triggers. */
async function lookOutside(db: Kysely<Tables>, chain: number): Promise<{ unsealed: number; stray: Break | null }> {
  const belongs = chain === chainOfNobody ? sql`log.organization_id IS NULL` : sql`log.organization_id = ${chain}`
  // One statement, so one moment: between two, rows would come and be sealed.
  const { rows } = await sql<Counts>`
    SELECT
      (SELECT count(*) FROM audit_logs AS log WHERE ${belongs}) AS written,
      (SELECT count(*) FROM audit_seals WHERE chain = ${chain}) AS sealed,
      count(log.id) FILTER (WHERE seal.audit_log_id IS NULL) AS waiting,
      min(waiting.audit_log_id) FILTER (WHERE log.id IS NULL) AS lost
    FROM audit_unsealed AS waiting
    LEFT JOIN audit_logs AS log ON log.id = waiting.audit_log_id
    LEFT JOIN audit_seals AS seal ON seal.audit_log_id = waiting.audit_log_id
    WHERE waiting.chain = ${chain}`.execute(db)
  const { written, sealed, waiting, lost } = rows[0] ?? { written: 0, sealed: 0, waiting: 0, lost: null }
  const missing: Break | null = lost === null ? null : { position: null, auditLogId: lost, reason: 'ROW_MISSING' }
  // Every seal was seen to have its row, so rows that have none show in the sum; only then is it worth searching them.
  if (written <= sealed + waiting) return { unsealed: waiting, stray: missing }
  const found = await sql<{ id: number | null }>`
    SELECT min(log.id) AS id FROM audit_logs AS log
    WHERE ${belongs}
      AND NOT EXISTS (SELECT FROM audit_seals AS seal WHERE seal.audit_log_id = log.id)
      AND NOT EXISTS (SELECT FROM audit_unsealed AS waiting WHERE waiting.audit_log_id = log.id)`.execute(db)
  const id = found.rows[0]?.id ?? null
  return {
    unsealed: waiting,
    stray: id === null ? missing : { position: null, auditLogId: id, reason: 'ROW_NOT_SEALED' },
  }
}

async function momentOf(db: Kysely<Tables>, chain: number, position: number): Promise<Date | null> {
  const row = await db
    .selectFrom('audit_seals')
    .innerJoin('audit_logs', 'audit_logs.id', 'audit_seals.audit_log_id')
    .select('audit_logs.created_at')
    .where('audit_seals.chain', '=', chain)
    .where('audit_seals.position', '=', position)
    .executeTakeFirst()
  return row?.created_at ?? null
}
