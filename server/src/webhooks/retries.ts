import type { OutboundOutcome } from '../outbound/client.ts'

/** How long to wait after the first, the second … failed attempt. The one after the last of these is the last attempt. */
export const retryDelaysMs: readonly number[] = [30_000, 5 * 60_000, 30 * 60_000, 2 * 60 * 60_000]

// Receivers that were away together would otherwise be called together when they come back.
const jitter = 0.3

/** `undefined` when no attempt is left. */
export function retryDelay(
  endedAttempts: number,
  delays: readonly number[],
  random: () => number = Math.random,
): number | undefined {
  const delay = delays[endedAttempts - 1]
  return delay === undefined ? undefined : Math.round(delay * (1 + jitter * (2 * random() - 1)))
}

const awayStatuses: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504])

/**
 * Whether the receiver as a whole is out of reach, which says nothing about this event. Any other failure is an answer
 * to it, and the next event may fare better (see `holdIfDown`).
 */
export function isAway(outcome: OutboundOutcome): boolean {
  return outcome.status === undefined || awayStatuses.has(outcome.status)
}

export function isTaken(outcome: OutboundOutcome): boolean {
  return outcome.ok && outcome.status >= 200 && outcome.status < 300
}
