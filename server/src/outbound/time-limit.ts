/** For a piece of work with several steps, all of them together. */
export type TimeLimit = {
  readonly signal: AbortSignal
  /** At least 1: what is asked to take no time at all might take for ever. */
  leftMs(): number
}

export function timeLimit(limitMs: number): TimeLimit {
  const start = performance.now()
  return {
    signal: AbortSignal.timeout(limitMs),
    leftMs: () => Math.max(1, Math.floor(limitMs - (performance.now() - start))),
  }
}

/** One address that keeps silent leaves time for those after it. */
export function shareOf(limit: TimeLimit, places: number): number {
  return Math.max(1, Math.floor(limit.leftMs() / Math.max(1, places)))
}
