import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { retryDelaysMs } from '@owlery/server/webhooks/retries.ts'
import { describe, expect, it, vi } from 'vitest'
import type { Answer, SeenRequest } from '../client/loopback.ts'
import { createPerson } from '../support/actors.ts'
import { freshService } from '../support/service.ts'
import { deliveriesOf, dispatcherOf, eventIdsOf, plan, type Scene, stage, statusChange } from '../support/webhooks.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.1' } })
await service.startJobs()
const dispatcher = dispatcherOf(service)
const minute = 60_000

/** Lets time pass a minute at a time, as the dispatcher sees it, and something happen at some of them. */
async function pass(minutes: number, happen: (elapsed: number) => Promise<void> = async () => undefined) {
  for (let elapsed = 0; elapsed < minutes; elapsed++) {
    await happen(elapsed)
    await dispatcher.run()
    service.clock.advance(minute)
  }
  await dispatcher.run()
}

const deliveryIds = (seen: readonly SeenRequest[]) => seen.map(({ headers }) => headers['x-24observe-delivery-id'])

const outages: readonly [name: string, answer: Answer][] = [
  ['hangs up', { hangUp: true }],
  ['answers 503', { status: 503 }],
]

describe.each(outages)('a receiver that %s for an hour', (_name, answer) => {
  it('gets everything afterwards, in order, and nothing twice under one delivery id', async () => {
    let isAway = true
    await using scene = await stage(service, () => (isAway ? answer : { status: 204 }))
    const events = Array.from({ length: 12 }, (_, index) =>
      statusChange(scene.owner, scene.monitors[index % scene.monitors.length] ?? 0),
    )
    await pass(60, async (elapsed) => {
      const event = elapsed % 5 === 0 ? events[elapsed / 5] : undefined
      if (event !== undefined) await plan(service, [event])
    })
    expect(new Set(eventIdsOf(scene.receiver.seen))).toEqual(new Set([events[0]?.id]))
    const tries = scene.receiver.seen.length
    isAway = false
    const during = statusChange(scene.owner, scene.monitors[1] ?? 0)
    await plan(service, [during])
    // The longest of the pauses, with its jitter, began before the receiver was back.
    await pass(((retryDelaysMs.at(-1) ?? 0) * 1.3) / minute)
    expect(eventIdsOf(scene.receiver.seen.slice(tries))).toEqual([...events, during].map(({ id }) => id))
    expect(new Set(deliveryIds(scene.receiver.seen)).size).toBe(scene.receiver.seen.length)
    const deliveries = await deliveriesOf(service, scene.owner, scene.subscription)
    expect(deliveries.map(({ status, attempt }) => [status, attempt])).toEqual([
      ['delivered', tries + 1],
      ...events.slice(1).map(() => ['delivered', 1]),
      ['delivered', 1],
    ])
    const { enabled, consecutiveFailures } = await read(scene)
    expect({ enabled, consecutiveFailures }).toEqual({ enabled: true, consecutiveFailures: 0 })
  })
})

describe('a receiver that answers 500', () => {
  /** The longest of the pauses, with its jitter, began before the receiver was back. */
  const untilAllWasTried = ((retryDelaysMs.at(-1) ?? 0) * 1.3) / minute

  it('for an hour, to everything, gets all of it afterwards, in order', async () => {
    let isDown = true
    await using scene = await stage(service, () => ({ status: isDown ? 500 : 204 }))
    const events = Array.from({ length: 12 }, (_, index) => statusChange(scene.owner, scene.monitors[index % 3] ?? 0))
    await pass(60, async (elapsed) => {
      const event = elapsed % 5 === 0 ? events[elapsed / 5] : undefined
      if (event !== undefined) await plan(service, [event])
    })
    // The first is tried four times, and after each failure but its first another one, if there is one yet, to learn
    // whether it is the receiver or the event.
    const tried = eventIdsOf(scene.receiver.seen)
    expect(tried.filter((id) => id === events[0]?.id)).toHaveLength(4)
    expect(tried.filter((id) => id !== events[0]?.id)).toEqual([events[1]?.id, events[2]?.id])
    const tries = scene.receiver.seen.length
    isDown = false
    await pass(untilAllWasTried)
    expect(eventIdsOf(scene.receiver.seen.slice(tries))).toEqual(events.map(({ id }) => id))
  })

  it('for an hour, to the only event there was, gets it before what happened next', async () => {
    let isDown = true
    await using scene = await stage(service, () => ({ status: isDown ? 500 : 204 }))
    const [first, next] = [0, 1].map((place) => statusChange(scene.owner, scene.monitors[place] ?? 0))
    if (first === undefined || next === undefined) throw new Error('two events were made')
    await plan(service, [first])
    await pass(60)
    const tries = scene.receiver.seen.length
    isDown = false
    await plan(service, [next])
    await pass(untilAllWasTried)
    expect(eventIdsOf(scene.receiver.seen.slice(tries))).toEqual([first.id, next.id])
  })

  it('to one event only, waits half a minute for it and then gets the others, until the next such event', async () => {
    const indigestible = new Set<string>()
    await using scene = await stage(service, ({ body }) => ({
      status: indigestible.has(JSON.parse(body).id) ? 500 : 204,
    }))
    const [left = 0, right = 0, third = 0] = scene.monitors
    const [bad, own, other, later, worse, last] = [left, left, right, third, right, third].map((monitor) =>
      statusChange(scene.owner, monitor),
    )
    if (!(bad && own && other && later && worse && last)) throw new Error('six events were made')
    indigestible.add(bad.id).add(worse.id)
    const step = async (milliseconds: number) => {
      const before = scene.receiver.seen.length
      service.clock.advance(milliseconds)
      await dispatcher.run()
      return eventIdsOf(scene.receiver.seen.slice(before))
    }
    await plan(service, [bad, own, other])
    expect(await step(0)).toEqual([bad.id])
    expect(await step(minute)).toEqual([bad.id, other.id])
    await plan(service, [later])
    expect(await step(0)).toEqual([later.id])
    await plan(service, [worse, last])
    expect(await step(0)).toEqual([worse.id])
    expect(await step(minute)).toEqual([worse.id, last.id])
    indigestible.clear()
    expect(await step(10 * minute)).toEqual([bad.id, own.id, worse.id])
  })
})

describe('a receiver that answers 500 and 503 by turns', () => {
  it('gets everything afterwards, in order', async () => {
    let isDown = true
    await using scene = await stage(service, (_request, place) => ({
      status: isDown ? ([500, 500, 503][place % 3] ?? 0) : 204,
    }))
    const events = scene.monitors.map((monitor) => statusChange(scene.owner, monitor))
    await plan(service, events)
    await pass(2)
    expect(eventIdsOf(scene.receiver.seen)).toEqual([events[0]?.id, events[0]?.id, events[1]?.id])
    isDown = false
    await pass(10)
    expect(eventIdsOf(scene.receiver.seen.slice(3))).toEqual(events.map(({ id }) => id))
  })
})

describe('a worker that dies', () => {
  it('while it learns whether the receiver is down leaves that, and the order, to the next one', async () => {
    let isDown = true
    await using scene = await stage(service, (_request, place) => ({
      status: isDown ? 500 : 204,
      delayMs: place === 2 ? 300 : 0,
    }))
    const events = scene.monitors.map((monitor) => statusChange(scene.owner, monitor))
    await plan(service, events)
    await dispatcher.run()
    service.clock.advance(minute)
    const dying = dispatcherOf(service)
    await dying.tick()
    await vi.waitFor(() => expect(scene.receiver.seen).toHaveLength(3))
    service.clock.advance(minute)
    await Promise.all([dispatcher.run(), dying.idle()])
    isDown = false
    const tries = scene.receiver.seen.length
    await pass(10)
    expect(eventIdsOf(scene.receiver.seen.slice(tries))).toEqual(events.map(({ id }) => id))
  })
})

describe('what a receiver takes', () => {
  it('waits half a minute for another event that fails once, whatever has been failing for longer', async () => {
    const refused = new Set<string>()
    await using scene = await stage(service, ({ body }) => ({ status: refused.has(JSON.parse(body).id) ? 500 : 204 }))
    const [left, right, third] = scene.monitors
    const [bad, good, once, next] = [left, right, right, third].map((monitor) => statusChange(scene.owner, monitor))
    if (!(bad && good && once && next)) throw new Error('four events were made')
    refused.add(bad.id)
    await plan(service, [bad, good])
    // Three attempts, after which the next one is half an hour away.
    await pass(8)
    refused.add(once.id)
    await plan(service, [once, next])
    await dispatcher.run()
    refused.delete(once.id)
    service.clock.advance(minute)
    const before = scene.receiver.seen.length
    await dispatcher.run()
    expect(eventIdsOf(scene.receiver.seen.slice(before))).toEqual([once.id, next.id])
  })

  it('does not wait until several events that it refuses are given up', async () => {
    await using scene = await stage(service, ({ body }) => ({
      status: JSON.parse(body).data.status === 'down' ? 500 : 204,
    }))
    const [left, right, third] = scene.monitors
    const refused = [left, right].map((monitor) => statusChange(scene.owner, monitor))
    const taken = statusChange(scene.owner, third, { data: { from: 'down', to: 'up' } })
    await plan(service, [...refused, taken])
    await pass(8)
    expect(eventIdsOf(scene.receiver.seen)).toContain(taken.id)
  })
})

const read = ({ owner, subscription }: Scene) =>
  service.client(owner.session).uptime.webhookSubscriptions.get(subscription)

describe('a subscription that failed for too long', () => {
  it('is disabled, which its owners are mailed, and when it is enabled again it gets what waited before', async () => {
    let isBroken = true
    await using scene = await stage(service, () => ({ status: isBroken ? 410 : 204 }))
    const { owner, monitors, receiver, subscription } = scene
    const another = await createPerson(service, owner.organizationId, 'owner')
    const admin = await createPerson(service, owner.organizationId, 'admin')
    const mine = service.client(owner.session).uptime.webhookSubscriptions
    await mine.update(subscription, { url: `${receiver.baseUrl}/hook?key=do-not-mail` })
    const events = Array.from({ length: 12 }, () => statusChange(owner, monitors[0] ?? 0))
    await plan(service, events)
    await dispatcher.run()
    for (let attempt = 0; attempt < 10 * retryDelaysMs.length; attempt++) {
      service.clock.advance((retryDelaysMs.at(-1) ?? 0) * 1.3 + 1)
      await dispatcher.run()
    }
    expect(await read(scene)).toMatchObject({ enabled: false, consecutiveFailures: 10 })
    for (const { email } of [owner, another]) {
      const mail = await vi.waitFor(() => mailTo(email), { timeout: 15_000, interval: 50 })
      expect(mail).toContain(`Subject: Webhook subscription ${subscription} was disabled`)
      expect(mail).toContain('the receiver answered 410')
      expect(mail).toContain(`/api/v1/webhook-subscriptions/${subscription}`)
      expect(mail).not.toContain('do-not-mail')
    }
    expect(() => mailTo(admin.email)).toThrow()

    const missed = statusChange(owner, monitors[0] ?? 0)
    await plan(service, [missed])
    isBroken = false
    const before = receiver.seen.length
    await mine.update(subscription, { enabled: true })
    const after = statusChange(owner, monitors[0] ?? 0)
    await plan(service, [after])
    await dispatcher.run()
    expect(eventIdsOf(receiver.seen.slice(before))).toEqual([...events.slice(10), after].map(({ id }) => id))
  })
})

/** The only mail to the address, without its soft line ends. */
function mailTo(address: string): string {
  const folder = join(service.dataDir, 'outbox')
  const mails = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('=\n', ''))
    .filter((text) => text.includes(`To: ${address}\n`))
  if (mails.length !== 1) throw new Error(`${address} got ${mails.length} mails`)
  return mails[0] ?? ''
}
