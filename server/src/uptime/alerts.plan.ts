import type { AlertChannel } from '@owlery/spec'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Queue } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import { insertDeliveries, listDeliveries, type NewDelivery } from './deliveries.store.ts'
import type { UptimeEvent } from './events.ts'
import { findMonitor, type MonitorRow } from './monitors.store.ts'

/** How long a mail waits for others to the same address, so that a failure of many monitors comes as one. */
const mailsWaitMs = 5000

/**
 * Who is told of an incident is settled when it opens, and whoever was told then is told that it is over. All of it is
 * written in one transaction with the jobs that send it, under keys that make a second run change nothing.
 */
export async function planAlerts(services: Services, event: UptimeEvent): Promise<void> {
  const { incidentId, type } = event
  if (incidentId === null || (type !== 'incident.opened' && type !== 'incident.resolved')) return
  const now = services.clock.now()
  await services.database.db.transaction().execute(async (tx) => {
    const incident = await lockIncidentToPlan(tx, incidentId)
    if (incident === undefined) return
    // Events may overtake each other: the end of an incident plans its beginning if nobody has yet.
    if (incident.alerts_planned_at === null) await planOpening(tx, services.queue, incident, now)
    if (type === 'incident.resolved') await planEnd(tx, services.queue, incidentId, now)
  })
}

function lockIncidentToPlan(tx: Kysely<Tables>, id: number) {
  return tx
    .selectFrom('incidents')
    .select(['id', 'organization_id', 'monitor_id', 'suppressed_by_id', 'alerts_planned_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

type Planned = NonNullable<Awaited<ReturnType<typeof lockIncidentToPlan>>>

async function planOpening(tx: Kysely<Tables>, queue: Queue, incident: Planned, now: Date): Promise<void> {
  const { id, organization_id, monitor_id, suppressed_by_id } = incident
  const monitor = monitor_id === null ? undefined : await findMonitor(tx, organization_id, monitor_id)
  const deliveries = channelsSet(monitor).map(({ channel, recipient }) => ({
    incidentId: id,
    transition: 'opened' as const,
    channel,
    recipient,
    isSuppressed: suppressed_by_id !== null,
    now,
  }))
  await plan(tx, queue, deliveries, now)
  await tx.updateTable('incidents').set({ alerts_planned_at: now }).where('id', '=', id).execute()
}

/** To those who were told of the beginning, at the address they had then. */
async function planEnd(tx: Kysely<Tables>, queue: Queue, incidentId: number, now: Date): Promise<void> {
  const told = (await listDeliveries(tx, incidentId)).filter(
    ({ transition, status }) => transition === 'opened' && status !== 'suppressed',
  )
  const deliveries = told.map(({ channel, recipient }) => ({
    incidentId,
    transition: 'resolved' as const,
    channel,
    recipient,
    isSuppressed: false,
    now,
  }))
  await plan(tx, queue, deliveries, now)
}

async function plan(tx: Kysely<Tables>, queue: Queue, deliveries: readonly NewDelivery[], now: Date): Promise<void> {
  const isSent = deliveries.some(({ isSuppressed }) => !isSuppressed)
  const planned = await insertDeliveries(tx, deliveries)
  if (!isSent) return
  for (const { id, recipient } of planned) {
    const waits = recipient === null ? {} : { startAfter: new Date(now.getTime() + mailsWaitMs) }
    await queue.send('alert.send', { deliveryId: id }, { tx, ...waits })
  }
}

type SetChannel = { readonly channel: AlertChannel; readonly recipient: string | null }

function channelsSet(monitor: MonitorRow | undefined): SetChannel[] {
  if (monitor === undefined) return []
  const set = (channel: AlertChannel, isSet: boolean): SetChannel[] => (isSet ? [{ channel, recipient: null }] : [])
  return [
    ...(monitor.alert_email === null ? [] : [{ channel: 'email' as const, recipient: monitor.alert_email }]),
    ...set('webhook', monitor.has_alert_webhook_url),
    ...set('slack', monitor.has_alert_slack_url),
    ...set('discord', monitor.has_alert_discord_url),
    ...set('teams', monitor.has_alert_msteams_url),
    ...set('telegram', monitor.has_alert_telegram_bot_token && monitor.has_alert_telegram_chat_id),
    ...set('pagerduty', monitor.has_alert_pagerduty_routing_key),
    ...set('opsgenie', monitor.has_alert_opsgenie_api_key),
  ]
}
