import type { Engine, Outcome } from './pglite-engine.ts'

const idleLimitMs = 30_000

/**
 * One caller's use of the engine. It holds the engine for a statement, or from BEGIN to the end of the transaction, and
 * lets go before it waits for the disk, so that the next transaction runs while the disk syncs.
 */
export class Session {
  readonly #engine: Engine
  #release: (() => void) | undefined
  #logBefore = 0
  #last: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  #timedOut = false

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Statements of one session run one after the other, however they are called. */
  execute(text: string, values?: readonly unknown[]): Promise<Outcome> {
    const outcome = this.#last.then(() => this.#execute(text, values))
    this.#last = outcome.catch(() => undefined)
    return outcome
  }

  /** Gives up what is still open. */
  async end(): Promise<void> {
    await this.#last
    clearTimeout(this.#idle)
    if (this.#release !== undefined) await this.#rollBack()
  }

  async #execute(text: string, values: readonly unknown[] | undefined): Promise<Outcome> {
    if (this.#timedOut) throw timedOut()
    clearTimeout(this.#idle)
    if (this.#release === undefined) {
      this.#release = await this.#engine.take()
      this.#logBefore = this.#engine.log.bytesWritten
    }
    const outcome = await this.#runHolding(text, values)
    const finished = this.#release === undefined
    if (finished && outcome.command !== 'ROLLBACK' && outcome.logged) await this.#engine.log.flush()
    return outcome
  }

  async #runHolding(text: string, values: readonly unknown[] | undefined): Promise<Outcome & { logged: boolean }> {
    try {
      const outcome = await this.#engine.run(text, values)
      return { ...outcome, logged: this.#engine.log.bytesWritten > this.#logBefore }
    } finally {
      if (this.#engine.inTransaction) this.#limitIdleTime()
      else this.#letGo()
    }
  }

  // A caller that never comes back would otherwise keep everybody out. PostgreSQL has a setting for it.
  #limitIdleTime(): void {
    this.#idle = setTimeout(() => {
      this.#timedOut = true
      this.#last = this.#rollBack().catch(() => undefined)
    }, idleLimitMs)
    this.#idle.unref()
  }

  async #rollBack(): Promise<void> {
    try {
      await this.#engine.run('ROLLBACK')
    } finally {
      this.#letGo()
    }
  }

  #letGo(): void {
    this.#release?.()
    this.#release = undefined
    this.#engine.checkpointIfDue()
  }
}

function timedOut(): Error {
  const message = `the transaction was rolled back after ${idleLimitMs / 1000} s without a statement`
  return Object.assign(new Error(message), { code: '25P03' })
}
