import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { DatabaseUnavailable } from './unavailable.ts'

const fdatasyncInBackground = promisify(fdatasync)

// Older segments are never written again, so their descriptors need not stay open.
const maxOpenSegments = 4

// With enough commits for a sync to be worth its while, it starts; the others run while the disk works.
const fullGroup = 8

type Group = { commits: number; isDue: boolean; readonly settled: PromiseWithResolvers<void> }

/**
 * Knows which segments of the embedded database's log were written, and brings them to the disk. Commits that wait at
 * the same time share one sync; a commit that lands while a sync runs waits for the next one.
 */
export class WriteAheadLog {
  #bytesWritten = 0
  #failure: Error | undefined
  #gathering: Group | undefined
  #running: Promise<void> | undefined
  #dirty = new Set<string>()
  #syncing: ReadonlySet<string> = new Set()
  readonly #descriptors = new Map<string, number>()
  readonly #lost = Promise.withResolvers<Error>()

  /** Grows with each write, so that comparing two readings tells whether a statement wrote anything. */
  get bytesWritten(): number {
    return this.#bytesWritten
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** Resolves with the failure. */
  get lost(): Promise<Error> {
    return this.#lost.promise
  }

  noteWrite(segment: string, bytes: number): void {
    this.#dirty.add(segment)
    this.#bytesWritten += bytes
  }

  /** Resolves when everything written before the call is on the disk. */
  flush(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    this.#gathering ??= this.#gather()
    const group = this.#gathering
    group.commits += 1
    if (group.commits >= fullGroup) this.#makeDue(group)
    return group.settled.promise
  }

  /**
   * The same at once, and whether it worked. A page of a table must not reach the disk before the log that explains it,
   * and the database writes its pages from inside a call that cannot wait.
   */
  flushNow(): boolean {
    try {
      for (const segment of this.#syncing) fdatasyncSync(this.#open(segment))
      for (const segment of this.#dirty) fdatasyncSync(this.#open(segment))
      this.#dirty.clear()
    } catch (error) {
      this.fail(error)
    }
    return this.#failure === undefined
  }

  /** After a failed sync the kernel may drop the pages and report success next time, so there is no second try. */
  fail(cause: unknown): Error {
    this.#failure ??= new DatabaseUnavailable('the database could not be brought to the disk', { cause })
    this.#lost.resolve(this.#failure)
    return this.#failure
  }

  async close(): Promise<void> {
    await this.#running
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor)
    this.#descriptors.clear()
  }

  // Transactions that are ready to run do so before the event loop turns, so a turn means that no more will join soon.
  #gather(): Group {
    const group: Group = { commits: 0, isDue: false, settled: Promise.withResolvers() }
    setImmediate(() => this.#makeDue(group))
    return group
  }

  #makeDue(group: Group): void {
    group.isDue = true
    this.#startIfDue()
  }

  #startIfDue(): void {
    const group = this.#gathering
    if (group === undefined || !group.isDue || this.#running !== undefined) return
    this.#gathering = undefined
    this.#running = this.#sync()
      .then(group.settled.resolve, group.settled.reject)
      .finally(() => {
        this.#running = undefined
        this.#startIfDue()
      })
  }

  async #sync(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    this.#syncing = this.#dirty
    this.#dirty = new Set()
    try {
      this.#closeOldSegments()
      for (const segment of this.#syncing) await fdatasyncInBackground(this.#open(segment))
    } catch (error) {
      throw this.fail(error)
    } finally {
      this.#syncing = new Set()
    }
  }

  #open(segment: string): number {
    const known = this.#descriptors.get(segment)
    if (known !== undefined) return known
    const descriptor = openSync(segment, 'r+')
    this.#descriptors.set(segment, descriptor)
    return descriptor
  }

  // Only between syncs: a descriptor closed while it is being synced could by then belong to another file.
  #closeOldSegments(): void {
    for (const [segment, descriptor] of this.#descriptors) {
      if (this.#descriptors.size <= maxOpenSegments) return
      if (this.#syncing.has(segment)) continue
      closeSync(descriptor)
      this.#descriptors.delete(segment)
    }
  }
}
