import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { Overloaded } from '../security/bounded-work.ts'
import { type Beat, type Noted, noteBeats } from './heartbeats.store.ts'

export type NoteBeat = (beat: Beat) => Promise<Noted | undefined>

export function createNoteBeat(db: Kysely<Tables>): NoteBeat {
  return inBatches({ inBatch: 500, waiting: 10_000 }, (beats: readonly Beat[]) => noteBeats(db, beats))
}

type Waiting<T, R> = { readonly item: T; resolve(result: R): void; reject(reason: unknown): void }

/**
 * One write at a time: whoever comes meanwhile joins the next one. So a flood shares its commits, and who comes alone
 * waits for nobody.
 */
function inBatches<T, R>(
  most: { readonly inBatch: number; readonly waiting: number },
  write: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  let line: Waiting<T, R>[] = []
  let busy = false

  async function writeAll(): Promise<void> {
    busy = true
    while (line.length > 0) {
      const batch = line.slice(0, most.inBatch)
      line = line.slice(most.inBatch)
      try {
        const results = await write(batch.map(({ item }) => item))
        for (const [index, result] of results.entries()) batch[index]?.resolve(result)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    busy = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (line.length >= most.waiting) {
        reject(new Overloaded('too many heartbeats are waiting'))
        return
      }
      line.push({ item, resolve, reject })
      if (!busy) void writeAll()
    })
}
