import { setImmediate } from 'node:timers/promises'
import { type PGlite, protocol } from '@electric-sql/pglite'
import { FairMutex } from './fair-mutex.ts'
import { DatabaseUnavailable } from './unavailable.ts'
import { columnReader, toParameter } from './values.ts'
import type { WriteAheadLog } from './write-ahead-log.ts'

export type Row = Record<string, unknown>
export type Outcome = { readonly command: string; readonly rowCount: number; readonly rows: Row[] }

type Message = Awaited<ReturnType<PGlite['execProtocolStream']>>[number]
type Column = { readonly name: string; readonly read: (text: string) => unknown }

const { messages, serialize } = protocol
const waitLimitMs = 10_000
const longestRunMs = 8
const diskCheckEveryMs = 100

// The engine has no background processes: without this its log would grow, and be replayed at each start, for ever.
const checkpointEveryBytes = 64 * 1024 * 1024

/** One embedded database: a single session, which callers take in turns. */
export class Engine {
  readonly log: WriteAheadLog
  readonly #pglite: PGlite
  readonly #mutex = new FairMutex()
  readonly #isDiskNearlyFull: () => boolean
  #readsOnly = false
  #diskCheckedAt = Number.NEGATIVE_INFINITY
  #inTransaction = false
  #runningSince = performance.now()
  #checkpointAt: number
  #checkpoint: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(pglite: PGlite, log: WriteAheadLog, isDiskNearlyFull: () => boolean) {
    this.#pglite = pglite
    this.log = log
    this.#isDiskNearlyFull = isDiskNearlyFull
    this.#checkpointAt = log.bytesWritten + checkpointEveryBytes
  }

  get readsOnly(): boolean {
    return this.#readsOnly
  }

  get inTransaction(): boolean {
    return this.#inTransaction
  }

  get waiting(): number {
    return this.#mutex.waiting
  }

  get busy(): boolean {
    return this.#mutex.held
  }

  /** Resolves, in turn, with the function that gives the engine back. */
  take(): Promise<() => void> {
    return this.#mutex.acquire(waitLimitMs)
  }

  /** Runs a statement; the caller holds the engine. Without values the text may hold several statements. */
  async run(text: string, values?: readonly unknown[]): Promise<Outcome> {
    await this.#letOthersRun()
    // Like PostgreSQL after a failed sync: only a new start, which replays the log, knows again what is true.
    if (this.log.failure !== undefined) throw this.log.failure
    if (!this.#inTransaction) await this.#heedDisk()
    return this.#exchange(values === undefined ? serialize.query(text) : extendedQuery(text, values))
  }

  /** Starts a checkpoint behind the callers that wait already, if the log has grown enough. */
  checkpointIfDue(): void {
    if (this.#checkpoint !== undefined || this.log.bytesWritten < this.#checkpointAt) return
    this.#checkpoint = this.#runCheckpoint()
      // What could not be written now is still in the log; the next one tries again.
      .catch(() => undefined)
      .finally(() => {
        this.#checkpointAt = this.log.bytesWritten + checkpointEveryBytes
        this.#checkpoint = undefined
      })
  }

  /** A copy of the whole database, to open another one from. */
  async snapshot(): Promise<Blob> {
    const release = await this.take()
    try {
      await this.run('CHECKPOINT')
      return await this.#pglite.dumpDataDir('none')
    } finally {
      release()
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#checkpoint
    // It is never given back, so that nobody gets in any more. Whoever holds it too long is rolled back by the closing.
    await this.take().catch(() => undefined)
    // A failed database must not mark its files as cleanly shut down.
    if (this.log.failure === undefined) await this.#pglite.close()
    await this.log.close()
  }

  async #runCheckpoint(): Promise<void> {
    const release = await this.take()
    try {
      await this.run('CHECKPOINT')
    } finally {
      release()
    }
  }

  // Statements run on this thread and hand over without a turn of the event loop: a row of them would keep timers and
  // sockets waiting.
  async #letOthersRun(): Promise<void> {
    if (performance.now() - this.#runningSince < longestRunMs) return
    await setImmediate()
    this.#runningSince = performance.now()
  }

  // A log that cannot grow ends the engine for good, so writing stops while there is room left, and starts again later.
  async #heedDisk(): Promise<void> {
    if (performance.now() - this.#diskCheckedAt < diskCheckEveryMs) return
    this.#diskCheckedAt = performance.now()
    const readsOnly = this.#isDiskNearlyFull()
    if (readsOnly === this.#readsOnly) return
    await this.#exchange(serialize.query(`SET default_transaction_read_only = ${readsOnly}`))
    this.#readsOnly = readsOnly
  }

  async #exchange(request: Uint8Array): Promise<Outcome> {
    const replies = await this.#pglite.execProtocolStream(request, { syncToFs: false, throwOnError: false })
    return this.#read(replies)
  }

  #read(replies: readonly Message[]): Outcome {
    let ready = false
    let failure: Error | undefined
    let columns: Column[] = []
    let command = ''
    let rowCount = 0
    const rows: Row[] = []
    for (const reply of replies) {
      if (reply instanceof messages.DataRowMessage) {
        rows.push(readRow(columns, reply.fields))
      } else if (reply instanceof messages.RowDescriptionMessage) {
        columns = reply.fields.map(({ name, dataTypeID }) => ({ name, read: columnReader(dataTypeID) }))
      } else if (reply instanceof messages.CommandCompleteMessage) {
        const words = reply.text.split(' ')
        command = words[0] ?? ''
        rowCount = Number(words.at(-1)) || 0
      } else if (reply instanceof messages.ReadyForQueryMessage) {
        ready = true
        this.#inTransaction = reply.status !== 'I'
      } else if (reply instanceof messages.DatabaseError) {
        failure ??= reply
      }
    }
    if (failure !== undefined) throw failure
    if (!ready) throw new DatabaseUnavailable('the embedded database stopped answering')
    return { command, rowCount, rows }
  }
}

// One message instead of six calls into the engine is more than twice as fast. Parameters go without types, as pg sends
// them, so that the database reads them the same way.
function extendedQuery(text: string, values: readonly unknown[]): Uint8Array {
  return Buffer.concat([
    serialize.parse({ text }),
    serialize.bind({ values: values.map(toParameter) }),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
    serialize.sync(),
  ])
}

function readRow(columns: readonly Column[], fields: readonly (string | null)[]): Row {
  const row: Row = {}
  for (const [index, column] of columns.entries()) {
    const text = fields[index]
    row[column.name] = typeof text === 'string' ? column.read(text) : null
  }
  return row
}
