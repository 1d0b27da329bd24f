import type { Rule } from './rule.ts'

export type Spending = {
  readonly key: string
  readonly rule: Rule
  /** Points that this process let pass and has not told the others. */
  readonly passed: number
  /** Further points, of which as many pass as there is room for. */
  readonly asked: number
}

/**
 * What all processes together have spent on a key with all that was asked for, and how long ago its window began or its
 * bucket was counted. What was asked for in vain counts in this answer only: a bucket that forgot what it gave out too
 * much would let every process give out each refill anew.
 */
export type Total = { readonly used: number; readonly ageMs: number }

/**
 * Counters that several processes share. Time is the store's own, so that processes whose clocks differ agree on the
 * windows.
 */
export type SharedCounters = {
  readonly name: 'postgres' | 'redis'
  /** Adds in one step and answers the totals in the same order. */
  add(spendings: readonly Spending[]): Promise<Total[]>
  probe(): Promise<void>
  close(): Promise<void>
}
