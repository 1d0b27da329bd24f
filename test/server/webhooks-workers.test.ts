import { jobHandlers } from '@owlery/server/compose.ts'
import { describe, expect, it, vi } from 'vitest'
import { startLoopback } from '../client/loopback.ts'
import { createOrganization, createPerson } from '../support/actors.ts'
import { freshService } from '../support/service.ts'
import {
  createMonitor,
  createSubscription,
  deliveriesOf,
  dispatcherOf,
  eventIdsOf,
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
const day = 24 * 60 * 60_000

const log = ({ owner, subscription }: Scene) => deliveriesOf(service, owner, subscription)

describe('workers', () => {
  it('share the queues, and send each event once and in order', async () => {
    let atOnce = 0
    let most = 0
    const receiver = await startLoopback(() => {
      atOnce += 1
      most = Math.max(most, atOnce)
      setTimeout(() => {
        atOnce -= 1
      }, 5)
      return { status: 204, delayMs: 5 }
    })
    await using _ = receiver
    const owner = await createPerson(service, await createOrganization(service), 'owner')
    const monitor = await createMonitor(service, owner)
    for (let each = 0; each < 6; each++) await createSubscription(service, owner, `${receiver.baseUrl}/${each}`)
    const events = Array.from({ length: 30 }, () => statusChange(owner, monitor))
    await plan(service, events)
    const workers = Array.from({ length: 3 }, () => dispatcherOf(service, { atOnce: 2 }))
    await Promise.all(workers.map((worker) => worker.run()))
    for (let each = 0; each < 6; each++) {
      const seen = receiver.seen.filter(({ url }) => url === `/${each}`)
      expect(eventIdsOf(seen)).toEqual(events.map(({ id }) => id))
    }
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(6)
  })

  it('take over when the lease of another one has ended, whose late result then counts for nothing', async () => {
    const answers: number[] = [500, 204]
    await using scene = await stage(service, (_request, place) => ({
      status: answers[place] ?? 204,
      delayMs: place === 0 ? 400 : 0,
    }))
    const event = statusChange(scene.owner, scene.monitors[0])
    await plan(service, [event])
    const slow = dispatcherOf(service)
    await slow.tick()
    await vi.waitFor(() => expect(scene.receiver.seen).toHaveLength(1))
    await dispatcher.run()
    expect(scene.receiver.seen).toHaveLength(1)
    service.clock.advance(30_001)
    await dispatcher.run()
    expect(scene.receiver.seen).toHaveLength(2)
    await slow.idle()
    expect(await log(scene)).toMatchObject([{ status: 'delivered', attempt: 2, statusCode: 204 }])
    const ids = scene.receiver.seen.map(({ headers }) => headers['x-24observe-delivery-id'])
    expect(ids).toEqual([1, 2].map((attempt) => `${scene.subscription}-${event.id}-${attempt}`))
  })

  it('end what they have begun before they stop, and begin nothing more', async () => {
    await using scene = await stage(service, () => ({ status: 204, delayMs: 200 }))
    await plan(
      service,
      [0, 1].map(() => statusChange(scene.owner, scene.monitors[0])),
    )
    const stopping = dispatcherOf(service)
    await stopping.tick()
    await vi.waitFor(() => expect(scene.receiver.seen).toHaveLength(1))
    await stopping.stop(5000)
    expect((await log(scene)).map(({ status }) => status)).toEqual(['delivered', 'pending'])
    await stopping.run()
    expect(scene.receiver.seen).toHaveLength(1)
    await dispatcher.run()
    expect((await log(scene)).map(({ status }) => status)).toEqual(['delivered', 'delivered'])
  })
})

describe('the log', () => {
  it('is kept for 30 days', async () => {
    await using scene = await stage(service, () => ({ status: 204 }))
    await plan(service, [statusChange(scene.owner, scene.monitors[0])])
    await dispatcher.run()
    service.clock.advance(29 * day)
    await plan(service, [statusChange(scene.owner, scene.monitors[0])])
    service.clock.advance(day + 1)
    const run = { id: 'sweep', attempt: 1, signal: new AbortController().signal }
    await jobHandlers(service.services).sweep(null, run)
    const left = await db
      .selectFrom('webhook_deliveries')
      .select('status')
      .where('subscription_id', '=', scene.subscription)
      .execute()
    expect(left).toEqual([{ status: 'pending' }])
  })
})
