import { webhookSecretOf } from '../platform/webhook-secret.store.ts'
import type { Services } from '../services.ts'
import { mailOwners } from './disabled-mail.ts'
import { deliveryHeaders } from './headers.ts'
import { holdIfDown } from './hold.ts'
import {
  beginDue,
  type Claim,
  claimDue,
  type DueDelivery,
  extendClaim,
  lockClaimed,
  releaseClaim,
  releaseFirst,
} from './queue.store.ts'
import { resultOf, writeResult } from './record.ts'
import { retryDelaysMs } from './retries.ts'

export type Dispatcher = {
  /** Takes up the queues that are due, as many as there is room for. Never rejects. */
  tick(): Promise<void>
  /** Resolves when nothing that was taken up is left. */
  idle(): Promise<void>
  /** Takes nothing up any more, and waits for what is on its way until the deadline. */
  stop(deadlineMilliseconds: number): Promise<void>
}

export type DispatcherOptions = {
  readonly retryDelays?: readonly number[]
  /** How many receivers are called at the same time. */
  readonly atOnce?: number
  readonly timeoutMs?: number
  /** Longer than an attempt and its record take: after it another worker takes over. */
  readonly leaseMs?: number
}

/** How often `tick` should run. */
export const dispatchIntervalMs = 500

// A queue gives its place to others after so many deliveries.
const longestRun = 100
const longestExcerpt = 1024

type Ground = Pick<Services, 'clock' | 'config' | 'database' | 'log' | 'outbound' | 'queue' | 'secrets'>

/**
 * Sends what is planned: one delivery of a subscription at a time, several subscriptions at once, with any number of
 * workers. Whether an attempt succeeded is written in the transaction that begins the next one, so a worker that dies
 * leaves at most one event that will be sent once more, under the next number.
 */
export function createDispatcher(services: Ground, options: DispatcherOptions = {}): Dispatcher {
  const { clock, config, database, log, outbound, queue: jobs, secrets } = services
  const { retryDelays = retryDelaysMs, atOnce = 16, timeoutMs = 10_000, leaseMs = 30_000 } = options
  const running = new Set<Promise<void>>()
  let stopping = false
  let claiming = false

  const leaseEnd = (now: Date) => new Date(now.getTime() + leaseMs)

  async function tick(): Promise<void> {
    const room = atOnce - running.size
    if (stopping || claiming || room <= 0) return
    claiming = true
    try {
      const now = clock.now()
      for (const claim of await claimDue(database.db, { now, until: leaseEnd(now), limit: room })) take(claim)
    } catch (err) {
      log.warn({ err }, 'webhooks: could not look for what is due')
    } finally {
      claiming = false
    }
  }

  function take(claim: Claim): void {
    const run = drain(claim).finally(() => {
      running.delete(run)
      // Others may have been waiting for this place.
      if (running.size === atOnce - 1) void tick()
    })
    running.add(run)
  }

  /** Never rejects: a queue that could not be worked off is taken up again when its lease ends. */
  async function drain(claim: Claim): Promise<void> {
    try {
      let next = await begin(claim)
      for (let sent = 1; next !== undefined; sent += 1) next = await deliver(claim, next, sent)
    } catch (err) {
      log.warn({ err, subscriptionId: claim.subscriptionId }, 'webhooks: a delivery was interrupted')
    }
  }

  function begin(claim: Claim): Promise<DueDelivery | undefined> {
    return database.db.transaction().execute(async (tx) => {
      if ((await lockClaimed(tx, claim)) === undefined) return undefined
      const next = await beginDue(tx, claim.subscriptionId, clock.now())
      if (next === undefined) await releaseClaim(tx, claim.subscriptionId)
      // What cannot be signed is not begun: waiting for a key uses no attempt up.
      else await webhookSecretOf(tx, secrets, next.organizationId)
      return next
    })
  }

  async function deliver(claim: Claim, delivery: DueDelivery, sent: number): Promise<DueDelivery | undefined> {
    const { subscriptionId, subject } = delivery
    const outcome = await send(delivery)
    return database.db.transaction().execute(async (tx) => {
      const queue = await lockClaimed(tx, claim)
      if (queue === undefined) return undefined
      const now = clock.now()
      const plain = resultOf(delivery, outcome, now, retryDelays)
      const result = holdIfDown(plain, { delivery, queue, now })
      const { disabled } = await writeResult(tx, delivery, queue, result, now)
      if (disabled) {
        log.warn({ subscriptionId }, 'webhooks: a subscription was disabled after too many failures')
        await mailOwners(tx, { jobs, publicUrl: config.publicUrl }, delivery, result.error)
      }
      if (result.status !== 'failed') await releaseFirst(tx, [subscriptionId], subject, now)
      const isProbe = result.goesOn === 'probe'
      const goesOn = !stopping && (isProbe || (result.goesOn === 'in order' && sent < longestRun))
      const next = goesOn ? await beginDue(tx, subscriptionId, now, { isProbe }) : undefined
      if (next === undefined) await releaseClaim(tx, subscriptionId)
      else await extendClaim(tx, subscriptionId, leaseEnd(now))
      return next
    })
  }

  async function send({ subscriptionId, organizationId, url, eventType, eventId, payload, attempt }: DueDelivery) {
    const secret = await webhookSecretOf(database.db, secrets, organizationId)
    const at = clock.now()
    const signed = { secret, body: payload, at, subscriptionId, eventType, eventId, attempt }
    return outbound.request({
      url,
      method: 'POST',
      headers: deliveryHeaders(signed),
      body: payload,
      timeoutMs,
      maxBytes: longestExcerpt,
      overflow: 'cut',
    })
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running)
  }

  return {
    tick,
    idle,
    stop: async (deadlineMilliseconds) => {
      stopping = true
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, deadlineMilliseconds)
      await Promise.race([idle(), late])
      clearTimeout(timer)
    },
  }
}
