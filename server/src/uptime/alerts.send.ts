import { randomInt } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { JobHandlers } from '../jobs/jobs.ts'
import { webhookSecretOf } from '../platform/webhook-secret.store.ts'
import { SealError } from '../security/secrets.ts'
import type { Services } from '../services.ts'
import { claimDelivery, mostFailures } from './alerts.claim.ts'
import { groupedMail } from './alerts.mail.ts'
import type { Alert, AlertDeps, AlertOutcome, AlertServices } from './channels/alert.ts'
import { channelsOf } from './channels/channel.ts'
import { mailAlert } from './channels/email.ts'
import { sendAlert } from './channels/send-alert.ts'
import { finishDeliveries, lockMailbox, type PendingDelivery, postponeDelivery } from './deliveries.store.ts'
import { openSecrets } from './monitors.secrets.ts'
import { findMonitor, findSealed } from './monitors.store.ts'
import { findOpenPageOf } from './public-status-pages.store.ts'

/** Before the second try and before the third; each by up to 30 % more or less, so that many do not come back at once. */
const pausesMs = [15_000, 60_000]

/**
 * Sends what was planned. A try is counted before it is made and its outcome written after; a process that dies in
 * between leaves it to the next one, which tries again under the next number: an alert arrives at least once.
 */
export function sendAlertJob(services: Services, endpoints?: AlertServices): JobHandlers['alert.send'] {
  return async ({ deliveryId }) => {
    const { clock, database, queue } = services
    const claim = await database.db.transaction().execute(async (tx) => {
      const settled = await claimDelivery(tx, deliveryId, clock.now())
      if (settled.kind === 'later') await queue.send('alert.send', { deliveryId }, { tx, startAfter: settled.at })
      return settled
    })
    if (claim.kind !== 'send') return
    const outcome = claim.isGrouped
      ? await sendGrouped(services, claim.deliveries)
      : await sendOne(services, claim.deliveries, endpoints)
    await database.db.transaction().execute((tx) => record(tx, services, claim.deliveries, deliveryId, outcome))
  }
}

/** What came of it, or that nothing can ever come of it. */
type Outcome = AlertOutcome | { readonly ok: false; readonly error: string; readonly isFinal: true }

async function sendGrouped(services: Services, deliveries: readonly PendingDelivery[]): Promise<Outcome> {
  const to = deliveries[0]?.recipient
  if (typeof to !== 'string') throw new Error('mails are grouped by their recipient')
  return mailAlert(groupedMail(to, deliveries), { mail: services.mailer })
}

async function sendOne(
  services: Services,
  [delivery]: readonly PendingDelivery[],
  endpoints: AlertServices | undefined,
): Promise<Outcome> {
  if (delivery === undefined) throw new Error('there is nothing to send')
  const { organization_id, monitor_id } = delivery
  const { db } = services.database
  const monitor = monitor_id === null ? undefined : await findMonitor(db, organization_id, monitor_id)
  const sealed = monitor_id === null ? undefined : await findSealed(db, organization_id, monitor_id)
  if (monitor === undefined || sealed === undefined) return { ok: false, error: 'the monitor is gone', isFinal: true }
  try {
    const settings = { ...openSecrets(services.secrets, sealed), alertEmail: delivery.recipient }
    const state = channelsOf(settings).find(({ name }) => name === delivery.channel)
    if (state === undefined || !state.configured) {
      return { ok: false, error: 'the channel is not set up any more', isFinal: true }
    }
    const deps: AlertDeps = {
      outbound: services.outbound,
      mail: services.mailer,
      webhookSecret: await webhookSecretOf(db, services.secrets, organization_id),
      now: () => services.clock.now(),
      ...(endpoints !== undefined && { services: endpoints }),
    }
    const slug = await findOpenPageOf(db, organization_id, monitor.id)
    const link = slug === undefined ? undefined : `${services.config.publicUrl}/status/${slug}`
    return await sendAlert(state.channel, alertOf(delivery, monitor.url, link), deps)
  } catch (error) {
    // The key may be put back before the next try.
    if (error instanceof SealError) return { ok: false, error: 'the stored channel cannot be opened' }
    throw error
  }
}

function alertOf(delivery: PendingDelivery, url: string, link: string | undefined): Alert {
  const { transition, incident_id, monitor_name, cause, found, started_at, resolved_at, attempts } = delivery
  const isOpening = transition === 'opened'
  const trouble = cause === 'down' ? 'down' : 'degraded'
  return {
    monitor: monitor_name,
    url,
    status: isOpening ? trouble : 'up',
    error: isOpening ? found : null,
    at: isOpening ? started_at : (resolved_at ?? started_at),
    incidentKey: `owlery-incident-${incident_id}`,
    // With the time, since another installation that mails from the same address counts its incidents from 1 too.
    delivery: { id: `incident-${incident_id}-${transition}-${started_at.getTime()}`, attempt: attempts },
    ...(link !== undefined && { link }),
    details: { incident_id },
  }
}

/** The job goes on with its own delivery; every other one of a group has a job of its own. */
async function record(
  tx: Kysely<Tables>,
  { clock, queue }: Services,
  deliveries: readonly PendingDelivery[],
  ownId: number,
  outcome: Outcome,
): Promise<void> {
  const now = clock.now()
  const [first] = deliveries
  // In the same order as whoever claims, so that neither waits for the other for ever.
  if (typeof first?.recipient === 'string') {
    await lockMailbox(tx, { organizationId: first.organization_id, recipient: first.recipient })
  }
  if (outcome.ok) {
    const ids = deliveries.map(({ id }) => id)
    return finishDeliveries(tx, ids, { status: 'sent', error: null, now })
  }
  const isFinal = 'isFinal' in outcome
  const { error } = outcome
  const over = deliveries.filter((delivery) => isFinal || isLastTry(delivery))
  await finishDeliveries(
    tx,
    over.map(({ id }) => id),
    { status: 'failed', error, now },
  )
  for (const { id, attempts } of deliveries.filter((one) => !over.includes(one))) {
    const dueAt = new Date(now.getTime() + pauseAfter(attempts))
    await postponeDelivery(tx, id, { attempt: attempts, error, dueAt })
    if (id === ownId) await queue.send('alert.send', { deliveryId: id }, { tx, startAfter: dueAt })
  }
}

/** One that follows a try which was lost is not: nobody may have heard of the alert yet. */
function isLastTry({ attempts, sending_since }: PendingDelivery): boolean {
  return attempts >= mostFailures && sending_since === null
}

function pauseAfter(attempts: number): number {
  const pause = pausesMs[attempts - 1] ?? 60_000
  return Math.round(pause * (0.7 + randomInt(0, 601) / 1000))
}
