import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from './two-servers.ts'

export type Traffic = {
  /** What was answered since the last call of this. */
  take(): TrafficFigures
  stop(): Promise<void>
}

export type TrafficFigures = {
  readonly requests: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

type Call = { readonly method: 'GET' | 'PATCH'; readonly path: string; readonly body?: string }

const perSecond = 40

/**
 * Asks at a steady pace, whether or not the answers keep up, and times each from when it should have been asked: a server
 * that stands still must not be asked less for it.
 */
export function startTraffic(url: string, token: string, monitorIds: readonly number[]): Traffic {
  const calls: readonly ((index: number, id: number) => Call)[] = [
    () => ({ method: 'GET', path: '/api/v1/monitors?limit=50' }),
    (_index, id) => ({ method: 'GET', path: `/api/v1/monitors/${id}` }),
    () => ({ method: 'GET', path: '/api/v1/incidents?status=open&limit=20' }),
    (_index, id) => ({ method: 'GET', path: `/api/v1/monitors/${id}/checks?limit=20` }),
    (index, id) => ({
      method: 'PATCH',
      path: `/api/v1/monitors/${id}`,
      body: JSON.stringify({ tags: [`asked-${index}`] }),
    }),
  ]
  let times: number[] = []
  let failed = 0
  let isOn = true
  const underWay = new Set<Promise<void>>()
  const ask = async (index: number, due: number) => {
    const id = monitorIds[(index * 7919) % monitorIds.length] ?? 0
    const { method, path, body } = calls[index % calls.length]?.(index, id) ?? { method: 'GET', path: '/health/live' }
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    try {
      const answer = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) })
      await answer.arrayBuffer()
      if (!answer.ok) failed += 1
    } catch {
      failed += 1
    }
    times.push(performance.now() - due)
  }
  const pace = async () => {
    const start = performance.now()
    for (let index = 0; isOn; index++) {
      const due = start + (index * 1000) / perSecond
      await delay(Math.max(0, due - performance.now()))
      const asked: Promise<void> = ask(index, due).finally(() => underWay.delete(asked))
      underWay.add(asked)
    }
  }
  const paced = pace()
  return {
    take: () => {
      const figures = { requests: times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99), failed }
      times = []
      failed = 0
      return figures
    },
    stop: async () => {
      isOn = false
      await paced
      await Promise.all(underWay)
    },
  }
}
