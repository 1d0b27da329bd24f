import { setTimeout } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { type Replacement, readSealedRows, replaceEnvelopes, type SealedRow } from './rotation.store.ts'
import { placeOf, type SealedTable, sealedTables } from './sealed-columns.ts'
import { SealError, type SecretBox } from './secrets.ts'

export type TableReport = {
  readonly table: string
  /** Under whatever key. */
  readonly envelopes: number
  readonly rotated: number
  /** Places whose envelope no key opens, or that was moved there from elsewhere; they are left as they are. */
  readonly unreadable: readonly string[]
}

export type Rotation = {
  readonly db: Kysely<Tables>
  readonly secrets: SecretBox
  readonly tables?: readonly SealedTable[]
  readonly isStopping?: () => boolean
  readonly onTable?: (report: TableReport) => void
}

// Few enough that a writer who meets a batch waits for milliseconds.
const rowsPerBatch = 50
const mostPasses = 20
const pauseMs = 50
const mostNamed = 20

/**
 * Seals everything anew that another key than the first one has sealed, while the service runs. What is done is seen
 * from each envelope itself, so it can be cut short and begun again, and several may do it at once: a row is only
 * replaced if it still holds what was opened.
 */
export async function rotateSecrets(rotation: Rotation): Promise<TableReport[]> {
  const reports: TableReport[] = []
  for (const table of rotation.tables ?? sealedTables) {
    if (rotation.isStopping?.() === true) break
    const report = await rotateTable(rotation, table)
    rotation.onTable?.(report)
    reports.push(report)
  }
  return reports
}

type Pass = Omit<TableReport, 'table'> & { readonly passedOver: number }

// A row that somebody holds is passed over rather than waited for, which could end in a deadlock; it gets another pass.
async function rotateTable(rotation: Rotation, table: SealedTable): Promise<TableReport> {
  let rotated = 0
  for (let pass = 1; ; pass++) {
    const done = await passThrough(rotation, table)
    rotated += done.rotated
    if (done.passedOver === 0 || pass === mostPasses || rotation.isStopping?.() === true) {
      return { table: table.table, envelopes: done.envelopes, rotated, unreadable: done.unreadable }
    }
    await setTimeout(pauseMs)
  }
}

async function passThrough({ db, secrets, isStopping }: Rotation, table: SealedTable): Promise<Pass> {
  let envelopes = 0
  let rotated = 0
  let passedOver = 0
  const unreadable: string[] = []
  for await (const rows of readSealedRows(db, table, rowsPerBatch)) {
    const anew = rows.map((row) => sealAnew(secrets, table, row))
    envelopes += rows.flatMap((row) => row.envelopes).filter((envelope) => envelope !== null).length
    unreadable.push(...anew.flatMap((row) => row.unreadable).slice(0, mostNamed - unreadable.length))
    const due = anew.filter(({ count }) => count > 0)
    const replaced = new Set(await replaceEnvelopes(db, table, due))
    for (const [index, { count }] of due.entries()) {
      if (replaced.has(index)) rotated += count
      else passedOver += 1
    }
    if (isStopping?.() === true) break
  }
  return { envelopes, rotated, unreadable, passedOver }
}

type Anew = Replacement & { readonly count: number; readonly unreadable: readonly string[] }

/** All columns of a row at once: a row that changes ten times would be in the way of its writers ten times. */
function sealAnew(secrets: SecretBox, { table, columns }: SealedTable, { key, envelopes }: SealedRow): Anew {
  let count = 0
  const unreadable: string[] = []
  const after = envelopes.map((envelope, index) => {
    const place = placeOf(table, columns[index] ?? '', key)
    try {
      if (envelope === null || !secrets.needsRotation(envelope)) return envelope
      const fresh = secrets.seal(secrets.open(envelope, place), place)
      count += 1
      return fresh
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      unreadable.push(place)
      return envelope
    }
  })
  return { key, before: envelopes, after, count, unreadable }
}
