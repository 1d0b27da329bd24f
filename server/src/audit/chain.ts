import { createHash } from 'node:crypto'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

/** The chain of the rows that belong to no organization. Every other chain has its organization's id. */
export const chainOfNobody = 0

export type Link = { readonly position: number; readonly hash: Buffer }

/** What comes before the first row of a chain. */
export const beginning: Link = { position: 0, hash: Buffer.alloc(32) }

/**
 * All of an audit row as one text, made by the database itself: jsonb has one spelling for every value, and nothing of
 * a number or a moment is lost on the way through JavaScript. Every seal depends on it: a change here breaks all chains.
 */
export const contentOfLog: RawBuilder<string> = sql<string>`jsonb_build_array(
  log.id, log.organization_id, to_char(log.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  log.actor_user_id, log.actor_pat_id, log.actor_email, log.action, log.resource, log.meta
)::text`

export function nextLink(chain: number, previous: Link, content: string): Link {
  const position = previous.position + 1
  const hash = createHash('sha256').update(previous.hash).update(`${chain}:${position}:`).update(content).digest()
  return { position, hash }
}

/** The last link of each of these chains; one that has none yet is left out. */
export async function readHeads(db: Kysely<Tables>, chains: readonly number[]): Promise<Map<number, Link>> {
  const { rows } = await sql<Link & { chain: number }>`
    SELECT asked.chain, head.position, head.hash
    FROM unnest(${[...chains]}::integer[]) AS asked (chain)
    CROSS JOIN LATERAL (
      SELECT position, hash FROM audit_seals WHERE chain = asked.chain ORDER BY position DESC LIMIT 1
    ) AS head`.execute(db)
  return new Map(rows.map(({ chain, position, hash }) => [chain, { position, hash }]))
}
