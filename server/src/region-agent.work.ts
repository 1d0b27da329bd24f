import { setTimeout as delay } from 'node:timers/promises'
import { mostChecksClaimed } from '@owlery/spec'
import type { RegionAgentConfig } from './config/region-agent.ts'
import type { Log } from './log.ts'
import { parseHostAndPort } from './outbound/target.ts'
import type { Answer, RegionCalls } from './region-agent.calls.ts'
import { createOutbox, type Lease } from './region-agent.outbox.ts'
import type { CheckDeps } from './uptime/checks/check.ts'
import { runCheck } from './uptime/checks/run.ts'
import { createBlindness, createOutage } from './uptime/engine/outage.ts'
import { createPulse } from './uptime/engine/pulse.ts'
import { version } from './version.ts'

export type RegionAgent = {
  /** Until it is stopped; or why the service does not want it. */
  run(): Promise<string | undefined>
  /** Takes nothing more, reports what is found by then and gives back the rest. */
  stop(deadlineMs: number): Promise<void>
}

type Ground = {
  readonly config: Pick<RegionAgentConfig, 'region' | 'name' | 'server'>
  readonly calls: RegionCalls
  readonly checks: CheckDeps
  readonly log: Log
  readonly atOnce?: number
}

type Work = Extract<Awaited<ReturnType<RegionCalls['claim']>>, { kind: 'ok' }>['body']
type Check = Work['checks'][number]

const atOncePerHost = 10
const politenessMs = 1000
const probeErrorMs = 10_000
const leastIdleMs = 500
const mostIdleMs = 2000
const leastPauseMs = 500
const mostPauseMs = 30_000

/** Checks for a service elsewhere as an engine does for its database: what it holds is bounded, and given back in time. */
export function createRegionAgent({ config, calls, checks, log, atOnce = 100 }: Ground): RegionAgent {
  const stopping = new AbortController()
  const running = new Map<Lease, Check>()
  const hosts = new Map<string, number>()
  let key: string | undefined
  let loop: Promise<string | undefined> | undefined
  let wake: () => void = () => undefined

  const away = createOutage(log, { begins: 'the service is away: results wait', ends: 'the service is back' })
  const blind = createBlindness(log)
  const pulse = createPulse((kind) => {
    log.warn({ kind }, 'the process stood still or its clock was set: failures of that time do not count')
  })
  const outbox = createOutbox({
    calls,
    log,
    key: () => key,
    onAway: (text) => away.begin(new Error(text)),
    onBack: away.end,
    onChange: () => wake(),
  })

  const pause = (ms: number) => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined)

  /** Longer and longer, never in step with other agents, and no sooner than the service says. */
  async function backOff(failures: number, answer: Exclude<Answer<unknown>, { kind: 'ok' }>): Promise<void> {
    const least = answer.kind === 'away' ? answer.retryAfterMs : 0
    const usual = Math.min(mostPauseMs, leastPauseMs * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
    await pause(Math.max(least, usual))
  }

  async function begin(): Promise<string | undefined> {
    const { region, name, server } = config
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      const answer = await calls.start({ region, name, version })
      if (answer.kind === 'ok') {
        key = answer.body.key
        away.end()
        log.info({ region, server, name, agent: answer.body.id }, 'checks for the service begin')
        return undefined
      }
      if (answer.kind === 'refused') return `${server} does not let this agent begin: ${answer.text}`
      away.begin(new Error(answer.text))
      await backOff(failures, answer)
    }
    return undefined
  }

  async function check(lease: Lease, one: Check, host: string): Promise<void> {
    const begun = performance.now()
    running.set(lease, one)
    hosts.set(host, (hosts.get(host) ?? 0) + 1)
    try {
      const { headers, ...asked } = one
      const monitor = {
        ...asked,
        port: null,
        keyword: null,
        keywordMatchType: 'contains',
        heartbeatGraceSec: 0,
      } as const
      const found = await runCheck(monitor, { headers }, checks)
      // Given back when the agent was stopped.
      if (!running.has(lease)) return
      if (found.kind === 'probe_error') {
        blind.begin(found.reason)
        outbox.add(lease, { kind: 'given back', afterMs: probeErrorMs })
      } else if (found.status !== 'up' && pulse.stoodStillSince(begun)) {
        outbox.add(lease, { kind: 'given back', afterMs: 0 })
      } else {
        blind.end()
        outbox.add(lease, { kind: 'result', begun, finding: found })
      }
    } finally {
      running.delete(lease)
      const others = (hosts.get(host) ?? 1) - 1
      if (others === 0) hosts.delete(host)
      else hosts.set(host, others)
      wake()
    }
  }

  function take({ checks: claimed, leaseMs }: Work, askedAt: number): void {
    for (const one of claimed) {
      const lease = { monitorId: one.monitorId, leaseUntil: one.leaseUntil, endsAt: askedAt + leaseMs }
      const host = parseHostAndPort(one.url)?.host ?? one.url
      if (stopping.signal.aborted) outbox.add(lease, { kind: 'given back', afterMs: 0 })
      else if ((hosts.get(host) ?? 0) >= atOncePerHost) outbox.add(lease, { kind: 'given back', afterMs: politenessMs })
      else void check(lease, one, host)
    }
  }

  async function work(): Promise<string | undefined> {
    let failures = 0
    while (!stopping.signal.aborted) {
      if (key === undefined) {
        const refusal = await begin()
        if (refusal !== undefined || key === undefined) return refusal
      }
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      const limit = Math.min(mostChecksClaimed, atOnce - running.size - outbox.size())
      if (limit <= 0) {
        await Promise.race([woken, pause(leastIdleMs)])
        continue
      }
      const askedAt = performance.now()
      const answer = await calls.claim({ key, limit })
      if (answer.kind === 'ok') {
        failures = 0
        away.end()
        take(answer.body, askedAt)
        // As many as asked for: there may be more.
        if (answer.body.checks.length < limit) await pause(leastIdleMs + Math.random() * (mostIdleMs - leastIdleMs))
        continue
      }
      if (answer.kind === 'refused' && answer.code === 'REGION_KEY_INVALID') {
        log.info('the service knows this agent no more: it begins anew')
        key = undefined
        outbox.clear()
      } else away.begin(new Error(answer.text))
      failures += 1
      await backOff(failures, answer)
    }
    return undefined
  }

  return {
    run: () => {
      pulse.start()
      loop = work()
      return loop
    },
    stop: async (deadlineMs) => {
      const end = performance.now() + deadlineMs
      stopping.abort()
      await Promise.race([loop, delay(deadlineMs / 2)])
      while (running.size > 0 && performance.now() < end - deadlineMs / 2) await delay(20)
      for (const lease of running.keys()) outbox.add(lease, { kind: 'given back', afterMs: 0 })
      running.clear()
      await outbox.close(Math.max(500, end - performance.now()))
      pulse.stop()
    },
  }
}
