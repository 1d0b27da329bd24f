import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { KeyColumn, KeyValue, SealedColumn } from './sealed-columns.ts'

export type Held = { readonly key: readonly KeyValue[]; readonly envelope: string }
export type Replacement = { readonly key: readonly KeyValue[]; readonly before: string; readonly after: string }

/** All envelopes of a column in the order of its key, page by page; a page in which there are none is empty. */
export async function* readEnvelopes(db: Kysely<Tables>, from: SealedColumn, limit: number): AsyncGenerator<Held[]> {
  const key = sql.join(from.key.map(({ name }) => sql.ref(name)))
  const column = sql.ref(from.column)
  let beyond: RawBuilder<unknown> = sql`TRUE`
  for (;;) {
    const { rows } = await sql<Record<string, unknown>>`
      SELECT ${key}, ${column} AS envelope FROM ${sql.table(from.table)}
      WHERE ${column} IS NOT NULL AND ${beyond} ORDER BY ${key} LIMIT ${limit}`.execute(db)
    const held = rows.map((row) => ({ key: keyOf(from, row), envelope: String(row['envelope']) }))
    yield held.filter(({ envelope }) => from.isMixed !== true || keyIdOf(envelope) !== undefined)
    const last = held.at(-1)
    if (last === undefined || rows.length < limit) return
    beyond = sql`(${key}) > (${sql.join(last.key.map((value, index) => cast(value, from.key[index])))})`
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

/** Says how many were replaced: not what has changed meanwhile, and not what somebody else holds. */
export async function replaceEnvelopes(
  db: Kysely<Tables>,
  { table, column, key }: SealedColumn,
  replacements: readonly Replacement[],
): Promise<number> {
  if (replacements.length === 0) return 0
  const lists = key.map(({ type }, index) =>
    arrayOf(
      replacements.map((one) => one.key[index]),
      type,
    ),
  )
  const befores = arrayOf(
    replacements.map(({ before }) => before),
    'text',
  )
  const afters = arrayOf(
    replacements.map(({ after }) => after),
    'text',
  )
  const names = sql.join([...key.map(({ name }) => sql.ref(name)), sql.ref('before'), sql.ref('after')])
  const sameRow = (one: string, other: string) =>
    sql.join(
      key.map(({ name }) => sql`${sql.ref(`${one}.${name}`)} = ${sql.ref(`${other}.${name}`)}`),
      sql` AND `,
    )
  const stored = sql.ref(`stored.${column}`)
  const { numAffectedRows } = await sql`
    WITH fresh AS (SELECT * FROM unnest(${sql.join([...lists, befores, afters])}) AS given (${names})),
    free AS (
      SELECT fresh.* FROM ${sql.table(table)} AS stored JOIN fresh ON ${sameRow('stored', 'fresh')}
      WHERE ${stored} = fresh.before FOR UPDATE OF stored SKIP LOCKED
    )
    UPDATE ${sql.table(table)} AS stored SET ${sql.ref(column)} = free.after
    FROM free WHERE ${sameRow('stored', 'free')} AND ${stored} = free.before`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

function keyOf({ key, table }: SealedColumn, row: Record<string, unknown>): KeyValue[] {
  return key.map(({ name }) => {
    const value = row[name]
    if (typeof value === 'number' || typeof value === 'string' || value instanceof Uint8Array) return value
    throw new Error(`${table}.${name} is no key`)
  })
}

// The types are constants of the registry, so they may stand in the text.
function cast(value: KeyValue, column: KeyColumn | undefined): RawBuilder<unknown> {
  return sql`${value}::${sql.raw(column?.type ?? 'text')}`
}

function arrayOf(values: readonly (KeyValue | undefined)[], type: KeyColumn['type']): RawBuilder<unknown> {
  return sql`${values}::${sql.raw(type)}[]`
}
