import type { Rule } from './rule.ts'

/** Points that this process let pass, or wants to, and has not told the others. */
export type Spending = { readonly key: string; readonly points: number; readonly rule: Rule }

/** What all processes together have spent on a key, and how long ago its window began or its bucket was counted. */
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
