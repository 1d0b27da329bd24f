import { emit, type UptimeEvent } from '@owlery/server/uptime/events.ts'
import { describe, expect, it, vi } from 'vitest'
import { verifyWebhook } from '../../client/src/verify-webhook.ts'
import { type Answer, type SeenRequest, startLoopback } from '../client/loopback.ts'
import { createOrganization, createPerson } from '../support/actors.ts'
import { freshService } from '../support/service.ts'
import {
  createMonitor,
  createSubscription,
  deliveriesOf,
  dispatcherOf,
  eventIdsOf,
  isSignedAfterOriginal,
  isSignedAfterStandard,
  plan,
  statusChange,
} from '../support/webhooks.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.1' } })
await service.startJobs()
const dispatcher = dispatcherOf(service)
const { db } = service.services.database

async function stage(answer: (request: SeenRequest, place: number) => Answer = () => ({ status: 204 })) {
  const owner = await createPerson(service, await createOrganization(service), 'owner')
  const monitorId = await createMonitor(service, owner)
  const receiver = await startLoopback(answer)
  return { owner, monitorId, receiver, [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose]() }
}

type Stage = Awaited<ReturnType<typeof stage>>

async function createIncident({ owner, monitorId }: Stage): Promise<number> {
  const { id } = await db
    .insertInto('incidents')
    .values({
      organization_id: owner.organizationId,
      monitor_id: monitorId,
      cause: 'down',
      monitor_name: 'Shop',
      title: 'Shop is down',
      severity: 'critical',
      error_message: 'the connection was refused',
      started_at: new Date('2026-05-13T18:00:00.000Z'),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

function incidentEvent(
  { owner, monitorId }: Stage,
  incidentId: number,
  transition: 'opened' | 'acknowledged' | 'resolved' | 'updated',
  at: string,
): UptimeEvent {
  return {
    id: `incident.${incidentId}.${transition}`,
    type: `incident.${transition}`,
    organizationId: owner.organizationId,
    monitorId,
    incidentId,
    at,
    data: transition === 'resolved' ? { autoResolved: true } : {},
  }
}

describe('what is sent', () => {
  it('is the envelope of the event, and shows in the log byte for byte', async () => {
    await using scene = await stage()
    const { owner, monitorId, receiver } = scene
    const subscription = await createSubscription(service, owner, `${receiver.baseUrl}/hook?key=1`)
    const incidentId = await createIncident(scene)
    await plan(service, [
      incidentEvent(scene, incidentId, 'opened', '2026-05-13T18:00:00.000Z'),
      incidentEvent(scene, incidentId, 'acknowledged', '2026-05-13T18:02:00.000Z'),
      incidentEvent(scene, incidentId, 'updated', '2026-05-13T18:03:00.000Z'),
      incidentEvent(scene, incidentId, 'resolved', '2026-05-13T18:05:00.500Z'),
      statusChange(owner, monitorId, { id: 'monitor.status.last', at: '2026-05-13T18:05:01.000Z' }),
    ])
    await dispatcher.run()
    const { url: monitorUrl, name } = await service.client(owner.session).uptime.monitors.get(monitorId)
    const incident = {
      incident_id: incidentId,
      monitor_id: monitorId,
      monitor_name: 'Shop',
      monitor_url: monitorUrl,
      status: 'down',
      error_message: 'the connection was refused',
      opened_at: '2026-05-13T18:00:00.000Z',
    }
    expect(receiver.seen.map(({ body }) => JSON.parse(body))).toEqual([
      { id: `incident.${incidentId}.opened`, type: 'incident.opened', created: 1778695200, data: incident },
      {
        id: `incident.${incidentId}.acknowledged`,
        type: 'incident.acknowledged',
        created: 1778695320,
        data: { ...incident, acknowledged_at: '2026-05-13T18:02:00.000Z' },
      },
      {
        id: `incident.${incidentId}.resolved`,
        type: 'incident.resolved',
        created: 1778695500,
        data: { ...incident, status: 'resolved', resolved_at: '2026-05-13T18:05:00.500Z', auto_resolved: true },
      },
      {
        id: 'monitor.status.last',
        type: 'monitor.status_changed',
        created: 1778695501,
        data: {
          monitor_id: monitorId,
          monitor_name: name,
          monitor_url: monitorUrl,
          status: 'down',
          previous_status: 'up',
          error_message: 'the connection was refused',
          changed_at: '2026-05-13T18:05:01.000Z',
        },
      },
    ])
    expect(receiver.seen.every(({ method, url }) => method === 'POST' && url === '/hook?key=1')).toBe(true)
    const log = await deliveriesOf(service, owner, subscription)
    expect(log.map(({ payloadJson }) => payloadJson)).toEqual(receiver.seen.map(({ body }) => body))
    expect(log[0]).toMatchObject({
      eventType: 'incident.opened',
      attempt: 1,
      status: 'delivered',
      statusCode: 204,
      errorMessage: null,
      nextAttemptAt: null,
      deliveredAt: service.clock.now().toISOString(),
    })
    expect(await service.client(owner.session).uptime.webhookSubscriptions.get(subscription)).toMatchObject({
      lastDeliveryAt: service.clock.now().toISOString(),
      lastDeliveryStatus: 'delivered',
      lastDeliveryStatusCode: 204,
    })
  })

  it('is signed in both ways with the one secret of the organization', async () => {
    await using scene = await stage()
    const { owner, monitorId, receiver } = scene
    const subscription = await createSubscription(service, owner, receiver.baseUrl)
    const { webhookSecret } = service.client(owner.session).platform
    const { secret } = await webhookSecret.get()
    const event = statusChange(owner, monitorId)
    await plan(service, [event])
    await dispatcher.run()
    const [request] = receiver.seen
    if (request === undefined) throw new Error('nothing was sent')
    const { headers, body } = request
    expect(headers).toMatchObject({
      'user-agent': '24observe-webhooks/1.0',
      'content-type': 'application/json',
      'x-24observe-event': 'monitor.status_changed',
      'x-24observe-delivery-id': `${subscription}-${event.id}-1`,
      'webhook-id': event.id.replaceAll('.', '_'),
      'webhook-timestamp': String(Math.floor(service.clock.now().getTime() / 1000)),
    })
    const serialized = `whsec_${Buffer.from(secret).toString('base64')}`
    expect(isSignedAfterOriginal(request, secret)).toBe(true)
    expect(isSignedAfterStandard(request, serialized)).toBe(true)
    const changed = { ...request, body: body.replace('down', 'Down') }
    expect(isSignedAfterOriginal(changed, secret)).toBe(false)
    expect(isSignedAfterStandard(changed, serialized)).toBe(false)
    const one = (name: string) => String(headers[name])
    const standard = {
      payload: body,
      signature: one('webhook-signature'),
      id: one('webhook-id'),
      timestamp: one('webhook-timestamp'),
    }
    expect(await verifyWebhook({ ...standard, secret })).toBe(true)
    expect(await verifyWebhook({ payload: body, signature: one('x-24observe-signature'), secret })).toBe(true)

    const rotated = await webhookSecret.rotate()
    await plan(service, [statusChange(owner, monitorId)])
    await dispatcher.run()
    const [, next] = receiver.seen
    if (next === undefined) throw new Error('nothing was sent')
    expect(isSignedAfterOriginal(next, secret)).toBe(false)
    expect(isSignedAfterOriginal(next, rotated.secret)).toBe(true)
  })

  it('goes to who asked for its type, and to nobody twice', async () => {
    await using scene = await stage()
    const { owner, monitorId, receiver } = scene
    await createSubscription(service, owner, `${receiver.baseUrl}/all`)
    await createSubscription(service, owner, `${receiver.baseUrl}/changes`, ['monitor.status_changed'])
    await createSubscription(service, owner, `${receiver.baseUrl}/opened`, ['incident.opened'])
    const off = await createSubscription(service, owner, `${receiver.baseUrl}/off`)
    await service.client(owner.session).uptime.webhookSubscriptions.update(off, { enabled: false })
    const stranger = await createPerson(service, await createOrganization(service), 'owner')
    await createSubscription(service, stranger, `${receiver.baseUrl}/theirs`)
    const event = statusChange(owner, monitorId)
    await plan(service, [event])
    await dispatcher.run()
    await plan(service, [event, event])
    await dispatcher.run()
    expect(receiver.seen.map(({ url }) => url).sort()).toEqual(['/all', '/changes'])
  })

  it('is nothing when what it is about is gone', async () => {
    await using scene = await stage()
    const { owner, monitorId, receiver } = scene
    const subscription = await createSubscription(service, owner, receiver.baseUrl)
    await service.client(owner.session).uptime.monitors.delete(monitorId)
    await plan(service, [
      statusChange(owner, monitorId),
      incidentEvent(scene, 2147483647, 'opened', '2026-05-13T18:00:00.000Z'),
    ])
    expect(await deliveriesOf(service, owner, subscription)).toEqual([])
  })

  it('follows an event that was sent with its transaction, and none that was rolled back', async () => {
    await using scene = await stage()
    const { owner, monitorId, receiver } = scene
    await createSubscription(service, owner, receiver.baseUrl)
    const { queue } = service.services
    const lost = statusChange(owner, monitorId)
    const undo = db.transaction().execute(async (tx) => {
      await emit(queue, tx, lost)
      throw new Error('undone')
    })
    await expect(undo).rejects.toThrow('undone')
    const kept = statusChange(owner, monitorId)
    await db.transaction().execute((tx) => emit(queue, tx, kept))
    await vi.waitFor(
      async () => {
        await dispatcher.run()
        expect(eventIdsOf(receiver.seen)).toEqual([kept.id])
      },
      { timeout: 10_000, interval: 100 },
    )
  })
})

describe('a failed attempt', () => {
  it.each([
    ['an error', () => ({ status: 500, text: 'broken\u0000' }), 500, 'the receiver answered 500', 'broken\ufffd'],
    [
      'a long answer',
      () => ({ status: 404, text: 'x'.repeat(5000) }),
      404,
      'the receiver answered 404',
      'x'.repeat(1024),
    ],
    [
      'a redirect',
      () => ({ status: 307, headers: { location: '/other' } }),
      307,
      'the server redirects, which is not followed here',
      null,
    ],
    [
      'no answer',
      () => ({ hangUp: true as const }),
      null,
      'the connection was closed before the answer was complete',
      null,
    ],
    ['silence', () => ({ delayMs: 2000 }), null, 'no complete answer within the time limit', null],
  ])('is %s', async (_, answer, statusCode, errorMessage, responseBodyExcerpt) => {
    await using scene = await stage(answer)
    const { owner, monitorId, receiver } = scene
    const subscription = await createSubscription(service, owner, receiver.baseUrl)
    await plan(service, [statusChange(owner, monitorId)])
    await dispatcherOf(service, { timeoutMs: 300 }).run()
    const [delivery] = await deliveriesOf(service, owner, subscription)
    expect(delivery).toMatchObject({ status: 'failed', attempt: 1, statusCode, errorMessage, responseBodyExcerpt })
    expect(delivery?.deliveredAt).toBeNull()
    expect(receiver.seen).toHaveLength(1)
  })

  it('is a host that has come to lead inside since', async () => {
    await using scene = await stage()
    const { owner, monitorId, receiver } = scene
    const subscription = await createSubscription(service, owner, 'https://1.1.1.1/')
    const inside = receiver.baseUrl.replace('127.0.0.1', '127.0.0.2')
    await db.updateTable('webhook_subscriptions').set({ url: inside }).where('id', '=', subscription).execute()
    await plan(service, [statusChange(owner, monitorId)])
    await dispatcher.run()
    expect(receiver.seen).toEqual([])
    expect(await deliveriesOf(service, owner, subscription)).toMatchObject([
      { status: 'failed', errorMessage: expect.stringContaining('private or special network') },
    ])
  })
})
