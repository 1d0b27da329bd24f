import { createHmac } from 'node:crypto'
import type { UptimeEvent } from '@owlery/server/uptime/events.ts'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '@owlery/server/webhooks/dispatcher.ts'
import { planWebhooks } from '@owlery/server/webhooks/plan.ts'
import { type Answer, type SeenRequest, startLoopback } from '../client/loopback.ts'
import { createOrganization, createPerson, type Person } from './actors.ts'
import { website } from './monitors.ts'
import type { Service } from './service.ts'

export const longAgo = new Date('2026-05-13T18:00:00.000Z')

export async function createMonitor(service: Service, person: Person): Promise<number> {
  return (await service.client(person.session).uptime.monitors.create(website())).id
}

export async function createSubscription(
  service: Service,
  person: Person,
  url: string,
  eventTypes: Parameters<
    ReturnType<Service['client']>['uptime']['webhookSubscriptions']['create']
  >[0]['eventTypes'] = [],
): Promise<number> {
  return (await service.client(person.session).uptime.webhookSubscriptions.create({ url, eventTypes })).id
}

export type Scene = Awaited<ReturnType<typeof stage>>

/** An owner with a few monitors and a subscription, whose receiver answers as it is told. */
export async function stage(service: Service, answer: (request: SeenRequest, place: number) => Answer) {
  const owner = await createPerson(service, await createOrganization(service), 'owner')
  const receiver = await startLoopback(answer)
  const subscription = await createSubscription(service, owner, receiver.baseUrl)
  const create = () => createMonitor(service, owner)
  const monitors = [await create(), await create(), await create()] as const
  return { owner, receiver, subscription, monitors, [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose]() }
}

let changes = 0

/** A change of a monitor's status, later than the ones before. */
export function statusChange(person: Person, monitorId: number, more: Partial<UptimeEvent> = {}): UptimeEvent {
  changes += 1
  return {
    id: `monitor.${monitorId}.status.${changes}`,
    type: 'monitor.status_changed',
    organizationId: person.organizationId,
    monitorId,
    incidentId: null,
    at: new Date(longAgo.getTime() + changes * 1000).toISOString(),
    data: { from: 'up', to: 'down', errorMessage: 'the connection was refused' },
    ...more,
  }
}

export async function plan(service: Service, events: readonly UptimeEvent[]): Promise<void> {
  for (const event of events) await planWebhooks(service.services, event)
}

/** A dispatcher that sends all that is due now and then rests. */
export function dispatcherOf(service: Service, options: DispatcherOptions = {}): Dispatcher & { run(): Promise<void> } {
  const dispatcher = createDispatcher(service.services, options)
  return {
    ...dispatcher,
    run: async () => {
      await dispatcher.tick()
      await dispatcher.idle()
    },
  }
}

/** The deliveries of a subscription as its owner sees them, oldest first. */
export async function deliveriesOf(service: Service, person: Person, subscriptionId: number) {
  const call = service.client(person.session).uptime.webhookSubscriptions.listDeliveries(subscriptionId)
  const deliveries: Awaited<typeof call> = []
  for await (const delivery of call) deliveries.push(delivery)
  return deliveries.reverse()
}

export const eventIdsOf = (seen: readonly SeenRequest[]): string[] => seen.map(({ body }) => JSON.parse(body).id)

/** Standard Webhooks as its specification puts it, from the receiver's side. */
export function isSignedAfterStandard({ headers, body }: SeenRequest, serializedSecret: string): boolean {
  const key = Buffer.from(serializedSecret.replace(/^whsec_/, ''), 'base64')
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const expected = createHmac('sha256', key).update(content).digest('base64')
  return String(headers['webhook-signature']).split(' ').includes(`v1,${expected}`)
}

/** As the published samples of the original check it. */
export function isSignedAfterOriginal({ headers, body }: SeenRequest, secret: string): boolean {
  const time = headers['x-24observe-timestamp']
  const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  return headers['x-24observe-signature'] === `t=${time},v1=${expected}`
}
