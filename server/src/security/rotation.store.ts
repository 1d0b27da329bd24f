import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { KeyValue, SealedTable } from './sealed-columns.ts'

/** A row with the envelopes of the table's sealed columns, in their order. */
export type SealedRow = { readonly key: readonly KeyValue[]; readonly envelopes: readonly (string | null)[] }

export type Replacement = {
  readonly key: readonly KeyValue[]
  readonly before: readonly (string | null)[]
  readonly after: readonly (string | null)[]
}

/** All rows with an envelope in the order of their key, page by page. */
export async function* readSealedRows(
  db: Kysely<Tables>,
  table: SealedTable,
  limit: number,
): AsyncGenerator<SealedRow[]> {
  const key = sql.join(table.key.map(({ name }) => sql.ref(name)))
  const columns = table.columns.map((column) => sql.ref(column))
  let beyond: RawBuilder<unknown> = sql`TRUE`
  for (;;) {
    const { rows } = await sql<Record<string, unknown>>`
      SELECT ${key}, ${sql.join(columns)} FROM ${sql.table(table.table)}
      WHERE num_nonnulls(${sql.join(columns)}) > 0 AND ${beyond} ORDER BY ${key} LIMIT ${limit}`.execute(db)
    const page = rows.map((row) => ({ key: keyOf(table, row), envelopes: envelopesOf(table, row) }))
    yield page.filter(({ envelopes }) => envelopes.some((envelope) => envelope !== null))
    const last = page.at(-1)
    if (last === undefined || rows.length < limit) return
    // The types are constants of the registry, so they may stand in the text; the values may not.
    const values = last.key.map((value, index) => sql`${value}::${sql.raw(table.key[index]?.type ?? 'text')}`)
    beyond = sql`(${key}) > (${sql.join(values)})`
  }
}

/** The id of the key that sealed it, if the text is an envelope. */
export function keyIdOf(text: string): string | undefined {
  if (!text.startsWith('{"v":2,')) return undefined
  try {
    const { kid }: { kid?: unknown } = JSON.parse(text)
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

/**
 * Says by their index which rows were replaced: not those that have changed since they were read, and not those that
 * somebody else holds.
 */
export async function replaceEnvelopes(
  db: Kysely<Tables>,
  { table, key, columns }: SealedTable,
  rows: readonly Replacement[],
): Promise<number[]> {
  if (rows.length === 0) return []
  const lists = [
    ...key.map(({ type }, index) => sql`${rows.map((row) => row.key[index])}::${sql.raw(type)}[]`),
    ...columns.map((_, index) => sql`${rows.map((row) => row.before[index])}::text[]`),
    ...columns.map((_, index) => sql`${rows.map((row) => row.after[index])}::text[]`),
  ]
  const names = [
    ...key.map(({ name }) => sql.ref(name)),
    ...columns.map((_, index) => sql.ref(`before_${index}`)),
    ...columns.map((_, index) => sql.ref(`after_${index}`)),
    sql.ref('number'),
  ]
  const isSameRow = (other: string) =>
    sql.join(
      key.map(({ name }) => sql`${sql.ref(`stored.${name}`)} = ${sql.ref(`${other}.${name}`)}`),
      sql` AND `,
    )
  const isUnchanged = sql.join(
    columns.map(
      (column, index) => sql`${sql.ref(`stored.${column}`)} IS NOT DISTINCT FROM ${sql.ref(`before_${index}`)}`,
    ),
    sql` AND `,
  )
  const anew = sql.join(columns.map((column, index) => sql`${sql.ref(column)} = ${sql.ref(`free.after_${index}`)}`))
  const replaced = await sql<{ number: number }>`
    WITH given AS (SELECT * FROM unnest(${sql.join(lists)}) WITH ORDINALITY AS rows (${sql.join(names)})),
    free AS (
      SELECT given.* FROM ${sql.table(table)} AS stored JOIN given ON ${isSameRow('given')}
      WHERE ${isUnchanged} FOR UPDATE OF stored SKIP LOCKED
    )
    UPDATE ${sql.table(table)} AS stored SET ${anew} FROM free WHERE ${isSameRow('free')} AND ${isUnchanged}
    RETURNING free.number`.execute(db)
  return replaced.rows.map(({ number }) => number - 1)
}

function keyOf({ key, table }: SealedTable, row: Record<string, unknown>): KeyValue[] {
  return key.map(({ name }) => {
    const value = row[name]
    if (typeof value === 'number' || typeof value === 'string' || value instanceof Uint8Array) return value
    throw new Error(`${table}.${name} is no key`)
  })
}

function envelopesOf({ columns, isMixed }: SealedTable, row: Record<string, unknown>): (string | null)[] {
  return columns.map((column) => {
    const value = row[column]
    if (typeof value !== 'string') return null
    return isMixed === true && keyIdOf(value) === undefined ? null : value
  })
}
