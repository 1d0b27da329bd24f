import { setTimeout } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { type Held, readEnvelopes, replaceEnvelopes } from './rotation.store.ts'
import { placeOf, type SealedColumn, sealedColumns } from './sealed-columns.ts'
import { SealError, type SecretBox } from './secrets.ts'

export type ColumnReport = {
  readonly column: string
  /** Rows with an envelope, under whatever key. */
  readonly envelopes: number
  readonly rotated: number
  /** Rows that no key opens, or that were moved here from elsewhere; they are left as they are. */
  readonly unreadable: readonly string[]
}

export type Rotation = {
  readonly db: Kysely<Tables>
  readonly secrets: SecretBox
  readonly columns?: readonly SealedColumn[]
  readonly isStopping?: () => boolean
  readonly onColumn?: (report: ColumnReport) => void
}

// Few enough that a writer who meets a batch waits for milliseconds.
const rowsPerBatch = 100
const mostPasses = 20
const pauseMs = 50
const mostNamed = 20

/**
 * Seals everything anew that another key than the first one has sealed, while the service runs. What is done is seen
 * from each envelope itself, so it can be cut short and begun again, and several may do it at once: an envelope is only
 * replaced if it is still the one that was opened.
 */
export async function rotateSecrets(rotation: Rotation): Promise<ColumnReport[]> {
  const reports: ColumnReport[] = []
  for (const column of rotation.columns ?? sealedColumns) {
    if (rotation.isStopping?.() === true) break
    const report = await rotateColumn(rotation, column)
    rotation.onColumn?.(report)
    reports.push(report)
  }
  return reports
}

type Pass = Omit<ColumnReport, 'column'> & { readonly passedOver: number }

// A row that somebody holds is passed over rather than waited for, which could end in a deadlock; it gets another pass.
async function rotateColumn(rotation: Rotation, column: SealedColumn): Promise<ColumnReport> {
  let rotated = 0
  for (let pass = 1; ; pass++) {
    const done = await passThrough(rotation, column)
    rotated += done.rotated
    if (done.passedOver === 0 || pass === mostPasses || rotation.isStopping?.() === true) {
      const { envelopes, unreadable } = done
      return { column: `${column.table}.${column.column}`, envelopes, rotated, unreadable }
    }
    await setTimeout(pauseMs)
  }
}

async function passThrough({ db, secrets, isStopping }: Rotation, column: SealedColumn): Promise<Pass> {
  let envelopes = 0
  let rotated = 0
  let passedOver = 0
  const unreadable: string[] = []
  for await (const batch of readEnvelopes(db, column, rowsPerBatch)) {
    envelopes += batch.length
    const fresh = batch.flatMap((held) => {
      const outcome = sealAnew(secrets, column, held)
      if (outcome === 'unreadable' && unreadable.length < mostNamed) unreadable.push(placeOf(column, held.key))
      return typeof outcome === 'string' ? [] : [outcome]
    })
    const replaced = await replaceEnvelopes(db, column, fresh)
    rotated += replaced
    passedOver += fresh.length - replaced
    if (isStopping?.() === true) break
  }
  return { envelopes, rotated, unreadable, passedOver }
}

function sealAnew(secrets: SecretBox, column: SealedColumn, held: Held) {
  const place = placeOf(column, held.key)
  try {
    if (!secrets.needsRotation(held.envelope)) return 'current'
    return { key: held.key, before: held.envelope, after: secrets.seal(secrets.open(held.envelope, place), place) }
  } catch (error) {
    if (error instanceof SealError) return 'unreadable'
    throw error
  }
}
