import type { Rule, Taken } from './rule.ts'

/** What this process knows of one key. */
export type Counter = {
  readonly key: string
  readonly rule: Rule
  /** Of all processes as last heard; without a store, of this one. */
  used: number
  at: number
  /** Let pass here, and told to nobody yet. */
  unsent: number
  /** On its way to the others. */
  sent: number
  /** Requests that may pass only once the others have been asked. */
  waiting: ((taken: Taken) => void)[]
}

/**
 * Bounded however many addresses call: the keys that were not touched for longest are dropped, half of them at a time,
 * which costs nothing per request.
 */
export class CounterMap {
  readonly #most: number
  #recent = new Map<string, Counter>()
  #older = new Map<string, Counter>()

  constructor(most = 100_000) {
    this.#most = most
  }

  find(rule: Rule, key: string, now: number): Counter {
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent
    const counter = this.#older.get(key) ?? { key, rule, used: 0, at: now, unsent: 0, sent: 0, waiting: [] }
    if (this.#recent.size >= this.#most / 2) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, counter)
    return counter
  }

  get size(): number {
    return this.#recent.size + this.#older.size
  }
}
