import { setTimeout as delay } from 'node:timers/promises'
import { mostChecksClaimed } from '@owlery/spec'
import type { Log } from './log.ts'
import type { RegionCalls } from './region-agent.calls.ts'
import type { Finding } from './uptime/checks/check.ts'

export type Lease = {
  readonly monitorId: number
  readonly leaseUntil: string
  /** By `performance.now()`, so that no clock can prolong it. */
  readonly endsAt: number
}

type Outcome =
  | { readonly kind: 'result'; readonly begun: number; readonly finding: Finding }
  | { readonly kind: 'given back'; readonly afterMs: number }
type Entry = { readonly lease: Lease; readonly outcome: Outcome }

/** Results on their way to the service. Bounded by whoever adds: what waits here keeps its place among the claims. */
export type Outbox = {
  add(lease: Lease, outcome: Outcome): void
  size(): number
  /** What was claimed with another key is of no use any more. */
  clear(): void
  /** Until all has been sent, or time is over. */
  close(deadlineMs: number): Promise<void>
}

type Ground = {
  readonly calls: Pick<RegionCalls, 'report'>
  readonly key: () => string | undefined
  readonly log: Log
  readonly onAway: (text: string) => void
  readonly onBack: () => void
  readonly onChange: () => void
}

const gatherMs = 100
const leastPauseMs = 500
const mostPauseMs = 10_000

export function createOutbox({ calls, key, log, onAway, onBack, onChange }: Ground): Outbox {
  let waiting: Entry[] = []
  let work: Promise<void> | undefined
  let closesAt = Number.POSITIVE_INFINITY
  const closing = new AbortController()

  /** A result that nobody would accept any more is worth no call. */
  const dropLate = () => {
    const before = waiting.length
    waiting = waiting.filter(({ lease }) => lease.endsAt > performance.now())
    if (waiting.length === before) return
    log.warn({ results: before - waiting.length }, 'results are dropped: their claims have ended')
    onChange()
  }

  const run = async () => {
    let failures = 0
    await delay(gatherMs)
    for (dropLate(); waiting.length > 0 && performance.now() < closesAt; dropLate()) {
      const current = key()
      const batch = waiting.slice(0, mostChecksClaimed)
      const answer = current === undefined ? undefined : await calls.report(messageOf(current, batch))
      if (answer === undefined || answer.kind === 'away') {
        if (answer !== undefined) onAway(answer.text)
        failures += 1
        const pause = Math.min(mostPauseMs, leastPauseMs * 2 ** failures) * (0.5 + Math.random() / 2)
        const ms = Math.max(pause, answer?.retryAfterMs ?? 0)
        // At the end there is time for one more attempt, and for no more.
        if (closing.signal.aborted) return
        await delay(ms, undefined, { signal: closing.signal }).catch(() => undefined)
        continue
      }
      failures = 0
      const sent = new Set(batch)
      waiting = waiting.filter((entry) => !sent.has(entry))
      onChange()
      if (answer.kind === 'ok') onBack()
      else log.warn({ results: batch.length }, `results are dropped: ${answer.text}`)
      const refused = answer.kind === 'ok' ? answer.body.results.filter(({ outcome }) => outcome !== 'accepted') : []
      if (refused.length > 0) log.info({ refused }, 'the service did not accept some results')
    }
  }

  return {
    add: (lease, outcome) => {
      waiting.push({ lease, outcome })
      work ??= run().finally(() => {
        work = undefined
      })
    },
    size: () => waiting.length,
    clear: () => {
      waiting = []
      onChange()
    },
    close: async (deadlineMs) => {
      closesAt = performance.now() + deadlineMs
      closing.abort()
      await Promise.race([work, delay(deadlineMs, undefined, { ref: false })])
    },
  }
}

function messageOf(key: string, batch: readonly Entry[]) {
  const now = performance.now()
  return {
    key,
    results: batch.flatMap(({ lease: { monitorId, leaseUntil }, outcome }) => {
      if (outcome.kind !== 'result') return []
      const { status, responseTimeMs, statusCode, errorMessage } = outcome.finding
      const ageMs = Math.max(0, Math.round(now - outcome.begun))
      const text = errorMessage?.slice(0, 500) || null
      return [{ monitorId, leaseUntil, ageMs, status, responseTimeMs, statusCode, errorMessage: text }]
    }),
    givenBack: batch.flatMap(({ lease: { monitorId, leaseUntil }, outcome }) =>
      outcome.kind === 'given back' ? [{ monitorId, leaseUntil, afterMs: outcome.afterMs }] : [],
    ),
  }
}
