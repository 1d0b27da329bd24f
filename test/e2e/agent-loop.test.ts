import { afterAll, expect, it, vi } from 'vitest'
import { verifyWebhook } from '../../client/src/verify-webhook.ts'
import { type SeenRequest, startLoopback } from '../client/loopback.ts'
import { createOrganization, createPerson, createToken } from '../support/actors.ts'
import { dueMonitor, nextRound } from '../support/engine.ts'
import { codeOf } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'
import { dispatcherOf, longAgo } from '../support/webhooks.ts'

/**
 * What an agent does through an incident, with one narrow token and nothing else: it is told by webhook, reads, opens a
 * maintenance window, says what it does, acknowledges; the next good check resolves, and the audit log knows who it was.
 */

let shopAnswers = 503
const shop = await startHttpSink((_request, response) => void response.writeHead(shopAnswers).end())
const pager = await startLoopback(() => ({}))
const agent = await startLoopback(() => ({ status: 204 }))
// A fixed hour, so that the day of the token's cap does not end meanwhile.
const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' }, now: longAgo })
await service.startJobs()
const dispatcher = dispatcherOf(service)
afterAll(() => Promise.all([shop, pager, agent].map((server) => server[Symbol.asyncDispose]())))

const owner = await createPerson(service, await createOrganization(service), 'owner')
const people = service.client(owner.session)

const typeOf = ({ body }: SeenRequest): string => /"type":"([\w.]+)"/.exec(body)?.[1] ?? ''

/** The event of this type as the agent gets it, once its signature is checked. */
async function heard(type: string): Promise<{ readonly incident_id: number; readonly auto_resolved?: boolean }> {
  const request = await vi.waitFor(
    async () => {
      await dispatcher.run()
      const found = agent.seen.find((one) => typeOf(one) === type)
      if (found === undefined) throw new Error(`nothing was heard of ${type}`)
      return found
    },
    { timeout: 15_000, interval: 100 },
  )
  const { secret } = await people.platform.webhookSecret.get()
  const signature = String(request.headers['x-24observe-signature'])
  expect(await verifyWebhook({ payload: request.body, signature, secret, toleranceSeconds: 10 ** 9 })).toBe(true)
  const event: { data: { incident_id: number; auto_resolved?: boolean } } = JSON.parse(request.body)
  return event.data
}

it('an incident opens, is read, worked on and over, and every step stands in the audit log', async () => {
  const bot = await createToken(service, owner, {
    scopes: ['incidents:read', 'incidents:write', 'maintenance:write', 'webhooks:write'],
    dailyMutationLimit: 10,
  })
  const { incidents, maintenanceWindows, monitors, webhookSubscriptions } = service.client(bot.token).uptime
  const eventTypes = ['incident.opened', 'incident.acknowledged', 'incident.resolved'] as const
  const subscription = await webhookSubscriptions.create({
    url: `${agent.baseUrl}/events`,
    eventTypes: [...eventTypes],
  })

  const monitorId = await dueMonitor(service, owner, {
    url: shop.url,
    type: 'http',
    intervalSec: 60,
    alertWebhookUrl: `${pager.baseUrl}/pager`,
  })
  await service.services.engine.runDue()
  const { incident_id } = await heard('incident.opened')

  const incident = await incidents.get(incident_id)
  expect(incident).toMatchObject({ id: incident_id, monitorId, status: 'investigating', updates: [] })
  expect((await incidents.list({ status: 'open' })).map(({ id }) => id)).toEqual([incident_id])
  const acting = { headers: { 'X-Agent-Id': 'fixer-7', 'X-Conversation-Id': 'night shift' } }
  await incidents.acknowledge(incident_id, acting)
  expect(await heard('incident.acknowledged')).toMatchObject({ incident_id })
  await incidents.createUpdate(
    incident_id,
    { status: 'identified', body: 'A bad deployment; it is being rolled back.' },
    { ...acting, idempotencyKey: `update of ${incident_id}` },
  )
  const now = service.clock.now()
  const window = { startsAt: now.toISOString(), endsAt: new Date(now.getTime() + 600_000).toISOString() }
  const { id: windowId } = await maintenanceWindows.create({ ...window, title: 'Rollback', monitorIds: [monitorId] })

  // Bad checks of the maintenance change nothing; the good one ends it.
  await nextRound(service)
  expect(await incidents.get(incident_id)).toMatchObject({ status: 'identified', resolvedAt: null })
  shopAnswers = 200
  await nextRound(service)
  expect(await heard('incident.resolved')).toMatchObject({ incident_id, auto_resolved: true })
  const over = await incidents.get(incident_id)
  expect(over).toMatchObject({ status: 'resolved', autoResolved: true, resolvedByUserId: null })
  const ended = await maintenanceWindows.delete(windowId).withResponse()
  expect(ended.response.headers.get('x-pat-mut-remaining')).toBe('5')
  await incidents.putPostmortem(incident_id, { postmortem: 'The deployment had no health check.' }, acting)

  await vi.waitFor(
    async () => {
      const told = await incidents.listDeliveries(incident_id)
      expect(told.map(({ channel, transition, status }) => [channel, transition, status])).toEqual([
        ['webhook', 'opened', 'sent'],
        ['webhook', 'resolved', 'sent'],
      ])
    },
    { timeout: 15_000, interval: 100 },
  )

  const log = await people.platform.auditLogs.list({ pat_id: bot.id })
  expect(log.map(({ action, resource }) => [action, resource]).reverse()).toEqual([
    ['CREATE_WEBHOOK_SUBSCRIPTION', `webhook_subscription:${subscription.id}`],
    ['ACKNOWLEDGE_INCIDENT', `incident:${incident_id}`],
    ['CREATE_INCIDENT_UPDATE', `incident:${incident_id}`],
    ['CREATE_MAINTENANCE_WINDOW', `maintenance_window:${windowId}`],
    ['DELETE_MAINTENANCE_WINDOW', `maintenance_window:${windowId}`],
    ['UPDATE_INCIDENT_POSTMORTEM', `incident:${incident_id}`],
  ])
  expect(log.find(({ action }) => action === 'ACKNOWLEDGE_INCIDENT')).toMatchObject({
    actorUserId: owner.userId,
    actorPatId: bot.id,
    actorEmail: owner.email,
    meta: { agentId: 'fixer-7', conversationId: 'night shift' },
  })

  // And that is all that it may do.
  expect(await codeOf(monitors.get(monitorId))).toBe('PAT_SCOPE_INSUFFICIENT')
  expect(await codeOf(monitors.delete(monitorId))).toBe('PAT_SCOPE_INSUFFICIENT')
  expect(await codeOf(service.client(bot.token).platform.tokens.create({ name: 'more' }))).toBe(
    'PAT_SCOPE_INSUFFICIENT',
  )
}, 90_000)
