import { setTimeout as wait } from 'node:timers/promises'
import { emit } from '@owlery/server/uptime/events.ts'
import { retryDelay, retryDelaysMs } from '@owlery/server/webhooks/retries.ts'
import { sql } from 'kysely'
import { describe, expect, it, vi } from 'vitest'
import { startLoopback } from '../client/loopback.ts'
import { auditOf, codeOf } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'
import {
  deliveriesOf,
  dispatcherOf,
  eventIdsOf,
  longAgo,
  plan,
  type Scene,
  stage,
  statusChange,
} from '../support/webhooks.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.1' } })
// Planning looks into the table of jobs.
await service.services.queue.start()
const dispatcher = dispatcherOf(service)
const { db } = service.services.database
const minute = 60_000
const day = 24 * 60 * minute

const read = ({ owner, subscription }: Scene) =>
  service.client(owner.session).uptime.webhookSubscriptions.get(subscription)
const log = ({ owner, subscription }: Scene) => deliveriesOf(service, owner, subscription)

/** Moves the clock to where an attempt is due for certain, whatever the jitter. */
async function runAfter(milliseconds: number): Promise<void> {
  service.clock.advance(milliseconds * 1.3 + 1)
  await dispatcher.run()
}

describe('the schedule', () => {
  it('is the published one, give or take 30 %', () => {
    expect(retryDelaysMs).toEqual([30_000, 300_000, 1_800_000, 7_200_000])
    for (const [index, delay] of retryDelaysMs.entries()) {
      expect(retryDelay(index + 1, retryDelaysMs, () => 0)).toBe(delay * 0.7)
      expect(retryDelay(index + 1, retryDelaysMs, () => 0.5)).toBe(delay)
      expect(retryDelay(index + 1, retryDelaysMs, () => 1)).toBe(delay * 1.3)
    }
    expect(retryDelay(5, retryDelaysMs)).toBeUndefined()
  })

  it('makes five attempts, none too early, with one id and a fresh signature, and then gives up', async () => {
    await using scene = await stage(service, () => ({ status: 503 }))
    const event = statusChange(scene.owner, scene.monitors[0])
    await plan(service, [event])
    await dispatcher.run()
    for (const [index, delay] of retryDelaysMs.entries()) {
      const [waiting] = await log(scene)
      const wait = Date.parse(waiting?.nextAttemptAt ?? '') - service.clock.now().getTime()
      expect(wait).toBeGreaterThanOrEqual(delay * 0.7)
      expect(wait).toBeLessThanOrEqual(delay * 1.3)
      service.clock.advance(wait - 1)
      await dispatcher.run()
      expect(scene.receiver.seen).toHaveLength(index + 1)
      service.clock.advance(1)
      await dispatcher.run()
      expect(scene.receiver.seen).toHaveLength(index + 2)
    }
    expect(await log(scene)).toMatchObject([{ status: 'dead', attempt: 5, statusCode: 503, nextAttemptAt: null }])
    await runAfter(day)
    const headers = scene.receiver.seen.map((request) => request.headers)
    expect(new Set(headers.map((one) => one['webhook-id'])).size).toBe(1)
    expect(headers.map((one) => one['x-24observe-delivery-id'])).toEqual(
      [1, 2, 3, 4, 5].map((attempt) => `${scene.subscription}-${event.id}-${attempt}`),
    )
    expect(new Set(headers.map((one) => one['webhook-signature'])).size).toBe(5)
  })
})

describe('order', () => {
  it('is kept through an outage of the receiver, and everything arrives', async () => {
    let isAway = true
    await using scene = await stage(service, () => ({ status: isAway ? 503 : 204 }))
    const events = Array.from({ length: 20 }, (_, index) => statusChange(scene.owner, scene.monitors[index % 2] ?? 0))
    await plan(service, events.slice(0, 10))
    await dispatcher.run()
    for (const delay of retryDelaysMs.slice(0, 3)) await runAfter(delay)
    expect(new Set(eventIdsOf(scene.receiver.seen))).toEqual(new Set([events[0]?.id]))
    isAway = false
    await plan(service, events.slice(10))
    await dispatcher.run()
    expect(scene.receiver.seen).toHaveLength(4)
    await runAfter(retryDelaysMs[3] ?? 0)
    expect(eventIdsOf(scene.receiver.seen).slice(4)).toEqual(events.map(({ id }) => id))
    expect((await log(scene)).map(({ status }) => status)).toEqual(events.map(() => 'delivered'))
  })

  it('holds up only the events of the same monitor behind one that is refused', async () => {
    let refused = ''
    await using scene = await stage(service, ({ body }) => ({ status: JSON.parse(body).id === refused ? 422 : 204 }))
    const [left, right] = scene.monitors
    const events = [left, left, right, left, right].map((monitor) => statusChange(scene.owner, monitor))
    refused = events[0]?.id ?? ''
    await plan(service, events)
    await dispatcher.run()
    expect(eventIdsOf(scene.receiver.seen)).toEqual([events[0]?.id, events[2]?.id, events[4]?.id])
    const later = statusChange(scene.owner, right)
    await plan(service, [later])
    await dispatcher.run()
    expect(eventIdsOf(scene.receiver.seen).at(-1)).toBe(later.id)
    refused = ''
    await runAfter(30_000)
    expect(eventIdsOf(scene.receiver.seen).slice(4)).toEqual([events[0]?.id, events[1]?.id, events[3]?.id])
  })

  it('goes on behind an event that was given up', async () => {
    let refused = ''
    await using scene = await stage(service, ({ body }) => ({ status: JSON.parse(body).id === refused ? 400 : 204 }))
    const events = [0, 1].map(() => statusChange(scene.owner, scene.monitors[0]))
    refused = events[0]?.id ?? ''
    await plan(service, events)
    await dispatcher.run()
    for (const delay of retryDelaysMs) await runAfter(delay)
    expect((await log(scene)).map(({ status }) => status)).toEqual(['dead', 'delivered'])
    expect(await read(scene)).toMatchObject({ consecutiveFailures: 0, lastDeliveryStatus: 'delivered' })
  })

  it('is that of the events, not of their planning', async () => {
    await using scene = await stage(service, () => ({ status: 204 }))
    const at = (second: number) => new Date(longAgo.getTime() + second * 1000).toISOString()
    const [left, right] = scene.monitors
    const third = statusChange(scene.owner, left, { at: at(3) })
    const first = statusChange(scene.owner, left, { at: at(1) })
    const second = statusChange(scene.owner, right, { at: at(2) })
    await plan(service, [third, second, first])
    await dispatcher.run()
    expect(eventIdsOf(scene.receiver.seen)).toEqual([first.id, second.id, third.id])
  })

  it('holds although the planning of an earlier event was interrupted', async () => {
    await using scene = await stage(service, () => ({ status: 204 }))
    const [left, right] = scene.monitors
    const first = statusChange(scene.owner, left)
    const elsewhere = statusChange(scene.owner, right)
    const second = statusChange(scene.owner, left)
    const third = statusChange(scene.owner, left)
    for (const event of [first, elsewhere, second]) {
      await db.transaction().execute((tx) => emit(service.services.queue, tx, event))
    }
    await sql`UPDATE jobs.job SET state = 'active' WHERE data ->> 'id' = ${second.id}`.execute(db)
    await plan(service, [third])
    await dispatcher.run()
    expect(eventIdsOf(scene.receiver.seen)).toEqual([first.id, second.id, third.id])
    await plan(service, [second, first, elsewhere])
    await dispatcher.run()
    expect(eventIdsOf(scene.receiver.seen)).toEqual([first.id, second.id, third.id, elsewhere.id])
  })

  it('holds although an earlier event was planned while a later one was tried', async () => {
    let isBroken = true
    await using scene = await stage(service, () => ({ status: isBroken ? 422 : 204, delayMs: isBroken ? 300 : 0 }))
    const [left] = scene.monitors
    const [earlier, later] = [left, left].map((monitor) => statusChange(scene.owner, monitor))
    if (!(earlier && later)) throw new Error('two events were made')
    await plan(service, [later])
    await dispatcher.tick()
    await vi.waitFor(() => expect(scene.receiver.seen).toHaveLength(1))
    await plan(service, [earlier])
    await dispatcher.idle()
    expect(eventIdsOf(scene.receiver.seen)).toEqual([later.id, earlier.id])
    expect((await log(scene)).map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([null, expect.any(String)])
    isBroken = false
    await runAfter(30_000)
    expect(eventIdsOf(scene.receiver.seen).slice(2)).toEqual([earlier.id, later.id])
  })
})

describe('a subscription', () => {
  it('is disabled after ten deliveries in a row that were given up, keeps what waits, and goes on when enabled', async () => {
    let isBroken = true
    await using scene = await stage(service, () => ({ status: isBroken ? 410 : 204 }))
    const { owner, monitors, receiver, subscription } = scene
    const events = Array.from({ length: 12 }, () => statusChange(owner, monitors[0]))
    await plan(service, events)
    await dispatcher.run()
    for (let given = 0; given < 10; given++) {
      expect(await read(scene)).toMatchObject({ enabled: true, consecutiveFailures: given })
      for (const delay of retryDelaysMs) await runAfter(delay)
    }
    expect(receiver.seen).toHaveLength(50)
    expect(await read(scene)).toMatchObject({
      enabled: false,
      disabledAt: service.clock.now().toISOString(),
      disabledReason: '10 deliveries in a row failed; the last one: the receiver answered 410',
      consecutiveFailures: 10,
      lastDeliveryStatus: 'dead',
      lastDeliveryStatusCode: 410,
    })
    expect((await auditOf(service, `webhook_subscription:${subscription}`)).at(-1)).toMatchObject({
      action: 'UPDATE_WEBHOOK_SUBSCRIPTION',
      actor_user_id: null,
      meta: { diff: { enabled: { from: true, to: false } } },
    })
    await plan(service, [statusChange(owner, monitors[0])])
    await runAfter(day)
    expect(receiver.seen).toHaveLength(50)
    isBroken = false
    await service.client(owner.session).uptime.webhookSubscriptions.update(subscription, { enabled: true })
    await dispatcher.run()
    expect(eventIdsOf(receiver.seen).slice(50)).toEqual(events.slice(10).map(({ id }) => id))
    expect(await read(scene)).toMatchObject({ enabled: true, consecutiveFailures: 0, lastDeliveryStatus: 'delivered' })
  })

  it('goes on with what waits although what it waited for was deleted for its age', async () => {
    await using scene = await stage(service, () => ({ status: 204 }))
    const mine = service.client(scene.owner.session).uptime.webhookSubscriptions
    const events = [0, 1].map(() => statusChange(scene.owner, scene.monitors[0]))
    await plan(service, events)
    await mine.update(scene.subscription, { enabled: false })
    await db
      .deleteFrom('webhook_deliveries')
      .where('subscription_id', '=', scene.subscription)
      .where('event_id', '=', events[0]?.id ?? '')
      .execute()
    await mine.update(scene.subscription, { enabled: true })
    await dispatcher.run()
    expect(eventIdsOf(scene.receiver.seen)).toEqual([events[1]?.id])
  })

  it('forgets its failures with one success', async () => {
    let isBroken = true
    await using scene = await stage(service, () => ({ status: isBroken ? 500 : 200 }))
    await plan(service, [statusChange(scene.owner, scene.monitors[0])])
    await dispatcher.run()
    for (const delay of retryDelaysMs) await runAfter(delay)
    expect((await read(scene)).consecutiveFailures).toBe(1)
    isBroken = false
    await plan(service, [statusChange(scene.owner, scene.monitors[0])])
    await dispatcher.run()
    expect((await read(scene)).consecutiveFailures).toBe(0)
  })

  it('can be changed under If-Match while the result of a delivery is written', async () => {
    await using scene = await stage(service, () => ({ status: 204 }))
    const mine = service.client(scene.owner.session).uptime.webhookSubscriptions
    const written = Promise.withResolvers<void>()
    const writing = db.transaction().execute(async (tx) => {
      await tx
        .updateTable('webhook_queues')
        .set({ last_delivery_status: 'delivered' })
        .where('subscription_id', '=', scene.subscription)
        .execute()
      written.resolve()
      // Longer than the change takes to get as far as the row.
      await wait(300)
    })
    await written.promise
    const change = codeOf(mine.update(scene.subscription, { description: 'x' }, { headers: { 'If-Match': '"1"' } }))
    await writing
    expect(await change).toBe('ok')
  })

  it('tries another URL at once', async () => {
    await using scene = await stage(service, () => ({ hangUp: true }))
    await using other = await startLoopback(() => ({ status: 200 }))
    const events = [0, 1].map(() => statusChange(scene.owner, scene.monitors[0]))
    await plan(service, events)
    await dispatcher.run()
    const mine = service.client(scene.owner.session).uptime.webhookSubscriptions
    await mine.update(scene.subscription, { url: other.baseUrl })
    await dispatcher.run()
    expect(eventIdsOf(other.seen)).toEqual(events.map(({ id }) => id))
  })
})
