import { jobHandlers } from '@owlery/server/compose.ts'
import { createQueue } from '@owlery/server/jobs/queue.ts'
import { claimDelivery } from '@owlery/server/uptime/alerts.claim.ts'
import { planAlerts } from '@owlery/server/uptime/alerts.plan.ts'
import { sendAlertJob } from '@owlery/server/uptime/alerts.send.ts'
import { afterAll, expect, test, vi } from 'vitest'
import { type Answer, startLoopback } from '../client/loopback.ts'
import { createCast } from '../support/actors.ts'
import { deliveriesOf, eventOf, openIncident } from '../support/incidents.ts'
import { website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

let answer: Answer = {}
const receiver = await startLoopback(() => answer)
const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.1/32' }, now: new Date(Date.now() - 3_600_000) })
const { services } = service
const { database, log, secrets } = services
const { clock } = service
// Sends only: the processes that work are made and ended by the tests.
await services.queue.start()
const cast = await createCast(service)
const ours = cast.owner.organizationId
afterAll(async () => {
  await services.queue.stop(1000)
  await receiver[Symbol.asyncDispose]()
})

const soon = { timeout: 15_000, interval: 50 }

/** A process of its own as far as the database can tell. */
async function startWorker() {
  const queue = createQueue({ database, log, secrets, works: true })
  await queue.start(jobHandlers({ ...services, queue }))
  return queue
}

async function plannedWebhook(): Promise<{ readonly incidentId: number; readonly deliveryId: number }> {
  receiver.seen.length = 0
  const alertWebhookUrl = `${receiver.baseUrl}/hook`
  const { id } = await service.client(cast.owner.session).uptime.monitors.create(website({ alertWebhookUrl }))
  const incidentId = await openIncident(service, ours, { monitorId: id })
  await planAlerts(
    services,
    eventOf(service, { organizationId: ours, incidentId, monitorId: id, type: 'incident.opened' }),
  )
  const [row] = await deliveriesOf(service, incidentId)
  return { incidentId, deliveryId: row?.id ?? 0 }
}

test('what is planned while nobody works is sent by the next process', async () => {
  const { incidentId } = await plannedWebhook()
  const worker = await startWorker()
  await vi.waitFor(
    async () => expect(await deliveriesOf(service, incidentId)).toMatchObject([{ status: 'sent' }]),
    soon,
  )
  await worker.stop(1000)
  expect(receiver.seen).toHaveLength(1)
})

test('a process that is stopped in the middle of a try leaves it to the next one', async () => {
  answer = { delayMs: 3000 }
  const { incidentId } = await plannedWebhook()
  const first = await startWorker()
  await vi.waitFor(() => expect(receiver.seen).toHaveLength(1), soon)
  await first.stop(1)
  answer = {}
  clock.advance(31_000)
  const second = await startWorker()
  await vi.waitFor(
    async () => expect(await deliveriesOf(service, incidentId)).toMatchObject([{ status: 'sent' }]),
    soon,
  )
  await second.stop(1000)
  // At least once: the first try arrived, but nobody was left to write it down.
  expect(receiver.seen.length).toBeGreaterThanOrEqual(1)
  expect(receiver.seen.length).toBeLessThanOrEqual(2)
})

test('a try that was counted and never made is made again under the next number, once it counts as lost', async () => {
  const { incidentId, deliveryId } = await plannedWebhook()
  const send = sendAlertJob(services)
  const run = { id: 'by hand', attempt: 1, signal: new AbortController().signal }
  const claim = await database.db.transaction().execute((tx) => claimDelivery(tx, deliveryId, clock.now()))
  expect(claim).toMatchObject({ kind: 'send', deliveries: [{ id: deliveryId, attempts: 1 }] })
  // Meanwhile somebody else looks: it may still be on its way.
  await send({ deliveryId }, run)
  expect(await deliveriesOf(service, incidentId)).toMatchObject([{ status: 'pending', attempts: 1 }])
  clock.advance(30_000)
  await send({ deliveryId }, run)
  expect(await deliveriesOf(service, incidentId)).toMatchObject([{ status: 'sent', attempts: 2 }])
  await send({ deliveryId }, run)
  expect(receiver.seen).toHaveLength(1)
})

test('a try that follows a lost one is not the last, however often it was begun', async () => {
  answer = { status: 503 }
  const { incidentId, deliveryId } = await plannedWebhook()
  const send = sendAlertJob(services)
  const run = { id: 'by hand', attempt: 1, signal: new AbortController().signal }
  for (let lost = 1; lost <= 2; lost++) {
    await database.db.transaction().execute((tx) => claimDelivery(tx, deliveryId, clock.now()))
    clock.advance(30_000)
  }
  await send({ deliveryId }, run)
  expect(await deliveriesOf(service, incidentId)).toMatchObject([{ status: 'pending', attempts: 3 }])
  clock.advance(120_000)
  await send({ deliveryId }, run)
  expect(await deliveriesOf(service, incidentId)).toMatchObject([{ status: 'failed', attempts: 4 }])
  expect(receiver.seen).toHaveLength(2)
  answer = {}
})

test('what ends every process that tries it is given up', async () => {
  const { incidentId, deliveryId } = await plannedWebhook()
  for (let attempt = 1; attempt <= 12; attempt++) {
    const claim = await database.db.transaction().execute((tx) => claimDelivery(tx, deliveryId, clock.now()))
    expect(claim).toMatchObject({ kind: 'send', deliveries: [{ attempts: attempt }] })
    clock.advance(30_000)
  }
  const claim = await database.db.transaction().execute((tx) => claimDelivery(tx, deliveryId, clock.now()))
  expect(claim).toEqual({ kind: 'over' })
  expect(await deliveriesOf(service, incidentId)).toMatchObject([
    { status: 'failed', attempts: 12, error_message: 'interrupted too often' },
  ])
  expect(receiver.seen).toEqual([])
})

test('two that try at the same moment make one try', async () => {
  answer = { delayMs: 300 }
  const { incidentId, deliveryId } = await plannedWebhook()
  const send = sendAlertJob(services)
  const run = { id: 'by hand', attempt: 1, signal: new AbortController().signal }
  await Promise.all(Array.from({ length: 5 }, () => send({ deliveryId }, run)))
  expect(await deliveriesOf(service, incidentId)).toMatchObject([{ status: 'sent', attempts: 1 }])
  expect(receiver.seen).toHaveLength(1)
})
