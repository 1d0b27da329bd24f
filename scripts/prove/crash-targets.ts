import { setTimeout } from 'node:timers/promises'
import { type Calls, field } from './crash-calls.ts'
import type { Target } from './crash-sinks.ts'

/** What a target went through. Each of these periods has to be exactly one incident. */
export type DownPeriod = { readonly from: Date; readonly until: Date }

export type WatchedTarget = {
  readonly monitorId: number
  readonly target: Target
  readonly threshold: number
  /** Whether people may resolve its incidents by hand; the next check then opens another one. */
  readonly isWorkedOn: boolean
  readonly periods: DownPeriod[]
  /** Failures that were too short for an incident. */
  blips: number
}

type Seen = { readonly status: unknown; readonly failures: number; readonly checkedAt: number }

export type Switchboard = {
  /** Targets fail and recover until the end, and at last are all up. */
  end(): Promise<void>
}

/** Those that writers make meanwhile are many more than one list holds. */
export const watchedTag = 'watched'
const blipShare = 0.3
const pollMs = 150
const longestWaitMs = 120_000

/**
 * Lets targets fail and recover. One goes on only when the service has seen what it has to see: a failure lasts until
 * it was counted as often as the threshold says, and the next one begins after a good check was written down.
 */
export function switchTargets(watched: readonly WatchedTarget[], calls: Calls): Switchboard {
  let seen = new Map<number, Seen>()
  let ending = false
  let isOver = false

  const looking = (async () => {
    while (!isOver) {
      const list = await calls.read(`/monitors?tag=${watchedTag}`)
      if (Array.isArray(list)) seen = new Map(list.map((one) => [Number(field(one, 'id')), seenOf(one)]))
      await setTimeout(pollMs)
    }
  })()

  async function until({ monitorId }: WatchedTarget, isTrue: (state: Seen) => boolean): Promise<void> {
    const end = performance.now() + longestWaitMs
    for (let state = seen.get(monitorId); state === undefined || !isTrue(state); state = seen.get(monitorId)) {
      if (performance.now() > end) throw new Error(`monitor ${monitorId} was not checked, or not as its target answers`)
      await setTimeout(pollMs / 2)
    }
  }

  async function recover(one: WatchedTarget): Promise<void> {
    one.target.state = 'up'
    const since = Date.now()
    await until(one, ({ status, checkedAt }) => status === 'up' && checkedAt > since)
  }

  const switching = watched.map(async (one) => {
    const { target } = one
    await recover(one)
    while (!ending) {
      if (one.threshold > 1 && Math.random() < blipShare) {
        target.state = 'failing once'
        while (isToFail(target)) await setTimeout(pollMs / 2)
        one.blips += 1
      } else {
        const from = new Date()
        target.state = 'down'
        await until(one, ({ status, failures }) => status === 'down' && failures >= one.threshold)
        one.periods.push({ from, until: new Date() })
      }
      await recover(one)
    }
  })

  return {
    end: async () => {
      ending = true
      await Promise.all(switching)
      isOver = true
      await looking
    },
  }
}

const isToFail = ({ state }: Target) => state === 'failing once'

function seenOf(monitor: unknown): Seen {
  return {
    status: field(monitor, 'lastStatus'),
    failures: Number(field(monitor, 'consecutiveFailures')),
    checkedAt: Date.parse(String(field(monitor, 'lastCheckedAt'))),
  }
}
