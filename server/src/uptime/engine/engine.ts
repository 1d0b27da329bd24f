import { setTimeout as delay } from 'node:timers/promises'
import { within } from '../../db/within.ts'
import type { PutOffReason } from '../../metrics-checks.ts'
import { parseHostAndPort } from '../../outbound/target.ts'
import type { Services } from '../../services.ts'
import type { CheckDeps } from '../checks/check.ts'
import { watchNameServers } from '../checks/name-servers.ts'
import { createBreaks } from './breaks.ts'
import { checkClaim, judgeClaim } from './check-claim.ts'
import { type Claim, claimDue, giveBack, type Held, pullInStrays } from './claims.store.ts'
import { createCollector } from './collector.ts'
import { createBlindness, createOutage } from './outage.ts'
import { createPulse } from './pulse.ts'
import { recordResults } from './record.ts'

export type Engine = {
  /** The queue must have started: events go through it. */
  start(): void
  stop(deadlineMs: number): Promise<void>
  /** Everything that is due now, to the end; for whoever keeps the time himself. Says how many were checked. */
  runDue(): Promise<number>
  /** `stalled`: it was started, and nothing has moved for two intervals. */
  state(): 'off' | 'running' | 'stalled'
}

export type EngineGround = Pick<
  Services,
  | 'database'
  | 'queue'
  | 'guard'
  | 'outbound'
  | 'secrets'
  | 'clock'
  | 'log'
  | 'metrics'
  | 'checkQuota'
  | 'checkPartitions'
>

export type EngineOptions = {
  /** Checks that run at once, in all and towards one host. */
  readonly atOnce?: number
  readonly atOncePerHost?: number
  readonly leaseMs?: number
  readonly stallMs?: number
  readonly checks?: Partial<CheckDeps>
}

const pollMs = 250
const retryMs = 1000
// Longer than any check takes, and than a result waits for its transaction.
const usualLeaseMs = 60_000
const claimTimeoutMs = 10_000
// Two of the intervals in which a scheduler is expected to tick.
const usualStallMs = 30_000
const politenessMs = 1000
const probeErrorMs = 10_000
const overQuotaMs = 60_000

const lateness = ({ due }: Claim, begunAt: Date) => Math.max(0, begunAt.getTime() - due.getTime()) / 1000

/** Takes what is due, checks it and writes down what came of it; any number of processes may do so side by side. */
export function createEngine(ground: EngineGround, options: EngineOptions = {}): Engine {
  const { database, guard, outbound, secrets, clock, log, checkQuota, checkPartitions } = ground
  const metrics = ground.metrics.checks
  const { atOnce = 300, atOncePerHost = 10, leaseMs = usualLeaseMs, stallMs = usualStallMs } = options
  const mostHeld = atOnce * 4
  const deps: CheckDeps = { guard, outbound, nameServers: watchNameServers(), ...options.checks }
  const breaks = createBreaks()
  const pulse = createPulse((kind) => {
    log.warn({ kind }, 'the process stood still or its clock was set: failures of that time do not count')
    breaks.note(kind, clock.now())
    hasStrays ||= kind === 'clock'
  })
  const away = createOutage(
    log,
    { begins: 'checks wait: the database is away', ends: 'checks go on: the database is back' },
    () => breaks.note('pause', clock.now()),
  )
  const blind = createBlindness(log)
  const hosts = new Map<string, number>()
  const held = new Map<number, Held>()
  let hasStrays = true
  let running = 0
  let recorded = 0
  let phase: 'off' | 'on' | 'stopping' = 'off'
  let lastRound = 0
  let loop: Promise<void> | undefined
  let wake: () => void = () => undefined

  const collector = createCollector({
    write: async (batch) => {
      await checkPartitions.ensure(clock.now())
      recorded += await recordResults(ground, batch, clock.now())
    },
    isDatabaseThere: () =>
      database.check(2000).then(
        () => true,
        () => false,
      ),
    onGone: (batch) => {
      letGo(batch)
      wake()
    },
    onFailure: away.begin,
    onSuccess: away.end,
    onUnwritable: ({ monitorId }, err) =>
      log.error({ err, monitor: monitorId }, 'the result of a check cannot be stored'),
  })

  /** A claim that outlived its lease may have been taken anew, which is another one. */
  function letGo(claims: readonly Held[]): void {
    for (const { monitorId, leaseUntil } of claims) {
      if (held.get(monitorId)?.leaseUntil === leaseUntil) held.delete(monitorId)
    }
  }

  async function putOff(claims: readonly Held[], until: Date | null, reason?: PutOffReason): Promise<void> {
    letGo(claims)
    if (claims.length === 0) return
    if (reason !== undefined) metrics.putOff(reason, claims.length)
    try {
      await giveBack(database.db, claims, until)
    } catch (err) {
      // The lease ends by itself.
      away.begin(err)
    }
  }

  async function check(claim: Claim, one: Held, host: string): Promise<void> {
    const begun = performance.now()
    const checkedAt = clock.now()
    metrics.begun(lateness(claim, checkedAt))
    running += 1
    hosts.set(host, (hosts.get(host) ?? 0) + 1)
    try {
      const result = await checkClaim(claim, secrets, deps)
      metrics.made(claim.type, result.kind === 'result' ? result.status : result.kind)
      if (result.kind === 'probe_error') {
        blind.begin(result.reason)
        await putOff([one], new Date(clock.now().getTime() + probeErrorMs), 'probe_error')
      } else if (result.status !== 'up' && pulse.stoodStillSince(begun))
        await putOff([one], null, 'process_stood_still')
      else {
        blind.end()
        collector.push({
          ...one,
          checkedAt,
          finding: result,
          heartbeatSeen: claim.heartbeat_last_received_at,
          nextCheckAt: undefined,
        })
      }
    } finally {
      running -= 1
      const others = (hosts.get(host) ?? 1) - 1
      if (others === 0) hosts.delete(host)
      else hosts.set(host, others)
      wake()
    }
  }

  function judge(claim: Claim, one: Held): Date | undefined {
    pulse.look()
    const now = clock.now()
    const { finding, nextCheckAt } = judgeClaim(claim, now)
    const patientUntil = finding.status === 'down' ? breaks.patientUntil(claim, now) : undefined
    if (patientUntil !== undefined) return patientUntil
    metrics.begun(lateness(claim, now))
    metrics.made('heartbeat', finding.status)
    collector.push({ ...one, checkedAt: now, finding, heartbeatSeen: claim.heartbeat_last_received_at, nextCheckAt })
    return undefined
  }

  /** Takes one portion; answers how many were due and which checks began. */
  async function takeDue(
    limit: number,
    mostPerHost = atOncePerHost,
  ): Promise<{ found: number; begun: Promise<void>[] }> {
    const now = clock.now()
    const leaseUntil = new Date(now.getTime() + leaseMs)
    if (hasStrays) {
      await pullInStrays(database.db, now)
      hasStrays = false
    }
    const late = () => new Error('the database did not answer in time')
    const claims = await within(claimTimeoutMs, claimDue(database.db, { now, leaseUntil, limit }), late)
    metrics.claimed(claims.length)
    const begun: Promise<void>[] = []
    const impolite: Held[] = []
    const unpaid: Held[] = []
    const spent = await checkQuota.spentBy(now)
    for (const claim of claims) {
      const one = { monitorId: claim.monitor_id, leaseUntil }
      held.set(one.monitorId, one)
      if (claim.type === 'heartbeat') {
        const until = judge(claim, one)
        if (until !== undefined) begun.push(putOff([one], until, 'heartbeat_grace'))
        continue
      }
      if (spent.has(claim.organization_id)) {
        unpaid.push(one)
        continue
      }
      const host = parseHostAndPort(claim.url)?.host ?? claim.url
      if ((hosts.get(host) ?? 0) >= mostPerHost) impolite.push(one)
      else begun.push(check(claim, one, host))
    }
    // Not kept in memory: they would take the places of monitors whose hosts have time.
    await putOff(impolite, new Date(now.getTime() + politenessMs), 'host_busy')
    // The month, the plan or the limit may have changed by then; until it has, the monitors stay due.
    await putOff(unpaid, new Date(now.getTime() + overQuotaMs), 'quota_spent')
    return { found: claims.length, begun }
  }

  async function round(): Promise<void> {
    const limit = Math.min(atOnce - running, mostHeld - held.size)
    const waited = new Promise<void>((resolve) => {
      wake = resolve
    })
    try {
      const { found, begun } = limit > 0 ? await takeDue(limit) : { found: limit, begun: [] }
      for (const one of begun) one.catch((err: unknown) => log.error({ err }, 'a check ended unexpectedly'))
      if (found > 0 || limit > 0) away.end()
      // Whoever got all he asked for comes back as soon as there is room.
      if (found >= limit) await Promise.race([waited, delay(pollMs)])
      else await delay(pollMs)
    } catch (err) {
      away.begin(err)
      await delay(retryMs)
    }
  }

  return {
    start: () => {
      if (phase !== 'off') return
      phase = 'on'
      breaks.note('pause', clock.now())
      pulse.start()
      lastRound = performance.now()
      loop = (async () => {
        while (phase === 'on') {
          await round()
          lastRound = performance.now()
        }
      })()
    },
    stop: async (deadlineMs) => {
      if (phase !== 'on') return
      phase = 'stopping'
      wake()
      const end = performance.now() + deadlineMs
      // One that no longer moves is not waited for.
      await Promise.race([loop, delay(deadlineMs)])
      while (running > 0 && performance.now() < end) await delay(20)
      await Promise.race([collector.settled(), delay(Math.max(0, end - performance.now()))])
      collector.close()
      pulse.stop()
      // Another process goes on with them at once.
      await Promise.race([putOff([...held.values()], null), delay(1000)])
    },
    runDue: async () => {
      const before = recorded
      pulse.start()
      for (let found = 1; found > 0; ) {
        const taken = await takeDue(atOnce, atOnce)
        await Promise.all(taken.begun)
        await collector.settled()
        found = taken.found
      }
      pulse.stop()
      return recorded - before
    },
    state: () => {
      if (phase !== 'on') return 'off'
      return performance.now() - lastRound > stallMs ? 'stalled' : 'running'
    },
  }
}
