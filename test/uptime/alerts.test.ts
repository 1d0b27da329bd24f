import type { StatusPageCreate } from '@owlery/client'
import { jobHandlers } from '@owlery/server/compose.ts'
import { planAlerts } from '@owlery/server/uptime/alerts.plan.ts'
import { sendAlertJob } from '@owlery/server/uptime/alerts.send.ts'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { verifyWebhook } from '../../client/src/verify-webhook.ts'
import { type Answer, startLoopback } from '../client/loopback.ts'
import { createCast } from '../support/actors.ts'
import { announce, announceIncident, deliveriesOf, eventOf, openIncident } from '../support/incidents.ts'
import { website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'
import { everyChannel } from '../support/sinks-channels.ts'
import { startMailSink } from '../support/sinks-smtp.ts'
import { freshSlug } from '../support/status-pages.ts'
import { wake } from '../support/wake.ts'

let answer: (path: string) => Answer = () => ({})
const receiver = await startLoopback(({ url }) => answer(url))
const mail = await startMailSink(() => undefined)
const service = await freshService({
  env: { OUTBOUND_ALLOW: '127.0.0.1/32', SMTP_URL: `smtp://127.0.0.1:${mail.port}` },
  // The queue goes by the database's clock, so jobs for later are there at once and wait for this one.
  now: new Date(Date.now() - 3_600_000),
})
const { services } = service
const endpoints = { telegram: receiver.baseUrl, pagerduty: receiver.baseUrl, opsgenie: receiver.baseUrl }
const sending = sendAlertJob(services, endpoints)
await services.queue.start({ ...jobHandlers(services), 'alert.send': sending })
const cast = await createCast(service)
const { monitors, incidents, statusPages } = service.client(cast.owner.session).uptime
const ours = cast.owner.organizationId

afterAll(async () => {
  await services.queue.stop(1000)
  await Promise.all([receiver[Symbol.asyncDispose](), mail[Symbol.asyncDispose]()])
})
beforeEach(() => {
  answer = () => ({})
  receiver.seen.length = 0
})

const everything = {
  alertEmail: 'jane@example.org',
  alertWebhookUrl: `${receiver.baseUrl}/hook/a-long-secret-path`,
  alertSlackUrl: `${receiver.baseUrl}/slack`,
  alertDiscordUrl: `${receiver.baseUrl}/discord`,
  alertMsteamsUrl: `${receiver.baseUrl}/teams`,
  alertTelegramBotToken: '123456:abcdefghijklmnop',
  alertTelegramChatId: '@ops',
  alertPagerdutyRoutingKey: 'routing-key',
  alertOpsgenieApiKey: 'genie-key',
}
const { alertWebhookUrl } = everything

const soon = { timeout: 15_000, interval: 50 }

/** Time passes when there is nothing to do but wait for it. */
async function untilOver(incidentId: number, transition: 'opened' | 'resolved') {
  return vi.waitFor(async () => {
    await wake(service, ['uptime.event', 'alert.send'])
    await passPause(incidentId)
    const rows = (await deliveriesOf(service, incidentId)).filter((row) => row.transition === transition)
    expect(rows).not.toEqual([])
    expect(rows.map(({ status }) => status)).not.toContain('pending')
    return rows
  }, soon)
}

async function passPause(incidentId: number): Promise<void> {
  const waiting = await services.database.db
    .selectFrom('incident_deliveries')
    .select(['due_at', 'sending_since'])
    .where('incident_id', '=', incidentId)
    .where('status', '=', 'pending')
    .execute()
  if (waiting.some(({ sending_since }) => sending_since !== null)) return
  const now = service.clock.now().getTime()
  const pauses = waiting.map(({ due_at }) => due_at.getTime() - now).filter((pause) => pause > 0)
  if (pauses.length > 0) service.clock.advance(Math.min(...pauses))
}

async function openWith(settings: Partial<typeof everything>) {
  const monitor = await monitors.create(website(settings))
  const seed = { monitorId: monitor.id, monitorName: monitor.name }
  return { monitor, incidentId: await announceIncident(service, ours, seed) }
}

const untilTried = () =>
  vi.waitFor(async () => {
    await wake(service, ['uptime.event', 'alert.send'])
    expect(receiver.seen).toHaveLength(1)
  }, soon)

const opened = (incidentId: number, monitorId: number) =>
  eventOf(service, { organizationId: ours, incidentId, monitorId, type: 'incident.opened' })

describe('the way from an alert to more', () => {
  const pages: readonly [name: string, more: Partial<StatusPageCreate>, isOpen: boolean][] = [
    ['an open page', {}, true],
    ['a page for some addresses', { ipAllowlist: ['192.0.2.0/24'] }, false],
    ['a hidden page', { isPublic: false }, false],
  ]

  it.each(pages)('leads to %s only if everybody can see it, and names the incident', async (_name, more, isOpen) => {
    const monitor = await monitors.create(website({ alertSlackUrl: everything.alertSlackUrl }))
    const page = { slug: freshSlug(), title: 'Acme', components: [{ monitorId: monitor.id }], ...more }
    const { id } = await statusPages.create(page)
    expect(await toldOf(monitor.id)).toBe(isOpen ? page.slug : undefined)
    await statusPages.setPassword(id, { password: 'only-for-friends' })
    expect(await toldOf(monitor.id)).toBeUndefined()
  })

  async function toldOf(monitorId: number): Promise<string | undefined> {
    receiver.seen.length = 0
    const incidentId = await announceIncident(service, ours, { monitorId })
    await untilOver(incidentId, 'opened')
    const told = receiver.seen[0]?.body ?? ''
    await incidents.resolve(incidentId)
    await untilOver(incidentId, 'resolved')
    expect(told).toContain(`Incident: ${incidentId}"`)
    return /\/status\/([\w-]+)\|Open the status page/.exec(told)?.[1]
  }
})

describe('an incident', () => {
  it('is told of through every channel that is set, when it opens and when it is over, once each', async () => {
    const { monitor, incidentId } = await openWith(everything)
    const rows = await untilOver(incidentId, 'opened')
    expect(rows.map(({ channel }) => channel)).toEqual(everyChannel)
    expect(rows.map(({ status, attempts }) => [status, attempts])).toEqual(everyChannel.map(() => ['sent', 1]))
    const hook = receiver.seen.find(({ url }) => url.startsWith('/hook'))
    expect(JSON.parse(hook?.body ?? '')).toMatchObject({
      monitor: monitor.name,
      url: monitor.url,
      status: 'down',
      error: 'expected status 200, got 503',
    })
    const { secret } = await service.client(cast.owner.session).platform.webhookSecret.get()
    expect(hook?.headers['x-24observe-delivery-id']).toMatch(new RegExp(`^incident-${incidentId}-opened-\\d+-1$`))
    const signature = String(hook?.headers['x-24observe-signature'])
    // The service's clock is behind.
    const inTime = { signature, secret, toleranceSeconds: 7200 }
    expect(await verifyWebhook({ payload: hook?.body ?? '', ...inTime })).toBe(true)

    // Whoever hears of it twice plans nothing new.
    await planAlerts(services, opened(incidentId, monitor.id))
    await incidents.resolve(incidentId)
    await untilOver(incidentId, 'resolved')
    await planAlerts(services, opened(incidentId, monitor.id))
    const listed = await service.client(cast.viewer.session).uptime.incidents.listDeliveries(incidentId)
    expect(listed.map(({ channel, transition, status }) => [channel, transition, status])).toEqual([
      ...everyChannel.map((channel) => [channel, 'opened', 'sent']),
      ...everyChannel.map((channel) => [channel, 'resolved', 'sent']),
    ])
    expect(Object.keys(listed[0] ?? {}).sort()).toEqual([
      'attempts',
      'channel',
      'createdAt',
      'errorMessage',
      'finishedAt',
      'id',
      'status',
      'transition',
    ])
    const events = receiver.seen.filter(({ url }) => url === '/v2/enqueue').map(({ body }): unknown => JSON.parse(body))
    const dedup_key = `owlery-incident-${incidentId}`
    expect(events).toMatchObject([
      { event_action: 'trigger', dedup_key },
      { event_action: 'resolve', dedup_key },
    ])
    expect(receiver.seen.some(({ url }) => url.startsWith(`/v2/alerts/${dedup_key}/close`))).toBe(true)
    expect(mail.mails[0]).toMatch(new RegExp(`^Message-ID: <incident-${incidentId}-opened-`, 'm'))
    const subjects = mail.mails.map((text) => /^Subject: (.*)$/m.exec(text)?.[1]?.trim())
    expect(subjects).toEqual([`DOWN: ${monitor.name}`, `RECOVERED: ${monitor.name}`])
    expect(receiver.seen).toHaveLength(14)
  })

  it('that follows from another one is not told of, neither then nor when it is over', async () => {
    const cause = await openIncident(service, ours)
    const monitor = await monitors.create(website({ alertWebhookUrl }))
    const incidentId = await announceIncident(service, ours, { monitorId: monitor.id, suppressedById: cause })
    await untilOver(incidentId, 'opened')
    await incidents.resolve(incidentId)
    await planAlerts(services, { ...opened(incidentId, monitor.id), type: 'incident.resolved' })
    expect(await deliveriesOf(service, incidentId)).toMatchObject([
      { channel: 'webhook', transition: 'opened', status: 'suppressed', attempts: 0 },
    ])
    expect(receiver.seen).toEqual([])
  })

  it('is told of to those who were there when it opened', async () => {
    const { monitor, incidentId } = await openWith({ alertWebhookUrl })
    await untilOver(incidentId, 'opened')
    await monitors.update(monitor.id, { alertSlackUrl: everything.alertSlackUrl, alertWebhookUrl: null })
    await incidents.resolve(incidentId)
    expect(await untilOver(incidentId, 'resolved')).toMatchObject([
      { channel: 'webhook', status: 'failed', error_message: 'the channel is not set up any more' },
    ])
    expect(receiver.seen).toHaveLength(1)
  })

  it('is told of in order, also if its end is heard of first', async () => {
    const monitor = await monitors.create(website({ alertWebhookUrl }))
    const incidentId = await openIncident(service, ours, { monitorId: monitor.id })
    const told = { organizationId: ours, incidentId, monitorId: monitor.id }
    await announce(service, { ...told, type: 'incident.resolved' })
    await untilOver(incidentId, 'resolved')
    await announce(service, { ...told, type: 'incident.opened' })
    await planAlerts(services, opened(incidentId, monitor.id))
    expect(receiver.seen.map(({ body }) => /"status":"(\w+)"/.exec(body)?.[1])).toEqual(['down', 'up'])
    expect(await deliveriesOf(service, incidentId)).toHaveLength(2)
  })

  it('of a monitor that is deleted meanwhile is told of no more', async () => {
    answer = () => ({ status: 503 })
    const monitor = await monitors.create(website({ alertWebhookUrl }))
    const incidentId = await openIncident(service, ours, { monitorId: monitor.id })
    await planAlerts(services, opened(incidentId, monitor.id))
    await monitors.delete(monitor.id)
    expect(await incidents.get(incidentId)).toMatchObject({ monitorId: null, status: 'resolved' })
    const [row] = await untilOver(incidentId, 'opened')
    expect(['suppressed', 'failed']).toContain(row?.status)
    expect(row?.error_message).toBe('the monitor is gone')
  })
})

describe('a receiver that is down', () => {
  it('is tried again, and gets it when it is up', async () => {
    answer = () => (receiver.seen.length < 3 ? { status: 503, text: 'away' } : {})
    const { incidentId } = await openWith({ alertWebhookUrl })
    expect(await untilOver(incidentId, 'opened')).toMatchObject([{ status: 'sent', attempts: 3, error_message: null }])
    expect(receiver.seen).toHaveLength(3)
    const ids = receiver.seen.map(({ headers }) => String(headers['x-24observe-delivery-id']))
    expect(ids.map((id) => id.split('-').at(-1))).toEqual(['1', '2', '3'])
    expect(new Set(ids.map((id) => id.replace(/\d+$/, ''))).size).toBe(1)
  })

  it('is given up after three tries, in words that hold no secret, and holds up nobody else', async () => {
    answer = (path) => (path.startsWith('/hook') ? { status: 500, text: `no ${path}` } : {})
    const { incidentId } = await openWith({ alertWebhookUrl, alertSlackUrl: everything.alertSlackUrl })
    const rows = await untilOver(incidentId, 'opened')
    expect(rows).toMatchObject([
      { channel: 'webhook', status: 'failed', attempts: 3, error_message: 'the service answered 500' },
      { channel: 'slack', status: 'sent', attempts: 1 },
    ])
    const [listed] = await incidents.listDeliveries(incidentId)
    expect(listed).toMatchObject({ status: 'failed', attempts: 3, errorMessage: 'the service answered 500' })
    expect(service.logged.join('')).not.toContain('a-long-secret-path')
    answer = () => ({})
    await incidents.resolve(incidentId)
    expect(await untilOver(incidentId, 'resolved')).toMatchObject([{ status: 'sent' }, { status: 'sent' }])
  })

  it('is not tried again once somebody has acknowledged the incident', async () => {
    const { incidentId: id } = await openWith({})
    const monitor = await monitors.create(website({ alertWebhookUrl }))
    const incidentId = await openIncident(service, ours, { monitorId: monitor.id })
    answer = () => ({ status: 503, delayMs: 500 })
    await announce(service, { organizationId: ours, incidentId, monitorId: monitor.id, type: 'incident.opened' })
    await untilTried()
    await incidents.acknowledge(incidentId)
    expect(await untilOver(incidentId, 'opened')).toMatchObject([{ status: 'failed', attempts: 1 }])
    expect(receiver.seen).toHaveLength(1)
    expect(await deliveriesOf(service, id)).toEqual([])
  })

  it('hears of the end only after it has heard of the beginning', async () => {
    answer = () => (receiver.seen.length < 3 ? { status: 503, delayMs: 300 } : {})
    const { incidentId } = await openWith({ alertWebhookUrl })
    await untilTried()
    await incidents.resolve(incidentId)
    await untilOver(incidentId, 'resolved')
    const said = receiver.seen.map(({ body }) => /"status":"(\w+)"/.exec(body)?.[1])
    expect(said).toEqual(['down', 'down', 'down', 'up'])
  })
})
