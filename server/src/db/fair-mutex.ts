import { DatabaseUnavailable } from './unavailable.ts'

type Waiter = { readonly enter: () => void }

/** Lets one holder in at a time, in the order they came, and turns away whoever waited too long. */
export class FairMutex {
  #held = false
  readonly #waiters = new Set<Waiter>()

  get held(): boolean {
    return this.#held
  }

  get waiting(): number {
    return this.#waiters.size
  }

  /** Resolves with the function that lets go; calling it again does nothing. */
  acquire(timeoutMs: number): Promise<() => void> {
    if (!this.#held) {
      this.#held = true
      return Promise.resolve(this.#releaser())
    }
    return new Promise((resolve, reject) => {
      const waiter = {
        enter: () => {
          clearTimeout(timer)
          resolve(this.#releaser())
        },
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        reject(new DatabaseUnavailable(`the database was busy for ${timeoutMs} ms`))
      }, timeoutMs)
      this.#waiters.add(waiter)
    })
  }

  #releaser(): () => void {
    let released = false
    return () => {
      if (released) return
      released = true
      const [next] = this.#waiters
      if (next === undefined) {
        this.#held = false
        return
      }
      this.#waiters.delete(next)
      next.enter()
    }
  }
}
