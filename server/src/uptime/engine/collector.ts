import { setTimeout as delay } from 'node:timers/promises'
import type { CheckedClaim } from './results.ts'

export type Collector = {
  /** Bounded by whoever pushes: a result keeps its place among the claims until it is written. */
  push(result: CheckedClaim): void
  /** Until all is written, or cannot be. */
  settled(): Promise<void>
  /** Gives up what is still held; the leases end, and the checks run again. */
  close(): void
}

type Ground = {
  readonly write: (batch: readonly CheckedClaim[]) => Promise<unknown>
  /** After a failure: whether the database is there, so that it must be the batch. */
  readonly isDatabaseThere: () => Promise<boolean>
  readonly onGone: (batch: readonly CheckedClaim[]) => void
  readonly onFailure: (err: unknown) => void
  readonly onSuccess: () => void
  readonly onUnwritable: (result: CheckedClaim, err: unknown) => void
}

const gatherMs = 20
const mostInBatch = 500
const retryMs = 1000

/** Gathers results for a moment, so that many share a transaction, and keeps them while the database is away. */
export function createCollector(ground: Ground): Collector {
  let held: CheckedClaim[] = []
  let closed = false
  let work: Promise<void> | undefined

  const run = async () => {
    await delay(gatherMs)
    let size = mostInBatch
    while (held.length > 0 && !closed) {
      const batch = held.slice(0, size)
      try {
        await ground.write(batch)
      } catch (err) {
        if (await ground.isDatabaseThere()) {
          // Something in it cannot be stored, or two writers were in each other's way: smaller ones get through.
          if (batch.length > 1) {
            size = Math.ceil(batch.length / 2)
            continue
          }
          const [only] = batch
          if (only !== undefined) ground.onUnwritable(only, err)
        } else {
          ground.onFailure(err)
          await delay(retryMs)
          continue
        }
      }
      ground.onSuccess()
      held = held.slice(batch.length)
      size = Math.min(mostInBatch, size * 2)
      ground.onGone(batch)
    }
  }

  return {
    push: (result) => {
      if (closed) return
      held.push(result)
      work ??= run().finally(() => {
        work = undefined
      })
    },
    settled: async () => {
      while (work !== undefined) await work
    },
    close: () => {
      closed = true
      held = []
    },
  }
}
