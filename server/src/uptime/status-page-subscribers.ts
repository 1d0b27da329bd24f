import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { SubscriptionRequest } from '../jobs/jobs.ts'
import { placeOf } from '../security/sealed-columns.ts'
import { hashToken } from '../security/tokens.ts'
import type { Services } from '../services.ts'
import type { EventConsumer, UptimeEvent } from './events.ts'
import { publicTitle } from './public-status-pages.view.ts'
import { confirmMail, incidentMail, type Told } from './status-page-subscribers.mails.ts'
import {
  askForSubscription,
  findAddress,
  forgetMailings,
  pagesShowing,
  takeMailingStep,
} from './status-page-subscribers.store.ts'

const publicPath = '/api/v1/status-pages/public'
const placeOfToken = (id: number) => placeOf('status_page_subscribers', 'sealed_unsubscribe_token', [id])

export function pageUrl(services: Services, { slug }: { readonly slug: string }): string {
  return `${services.config.publicUrl}/status/${slug}`
}

/** Puts a mail with the link into the queue, unless the address has one or needs none. */
export async function askToConfirm(services: Services, { pageId, email }: SubscriptionRequest): Promise<void> {
  const { database, queue, secrets, config, clock } = services
  const token = randomBytes(32).toString('base64url')
  const unsubscribeToken = randomBytes(32).toString('base64url')
  await database.db.transaction().execute(async (tx) => {
    const page = await findAddress(tx, pageId)
    if (page === undefined) return
    const needsMail = await askForSubscription(tx, {
      pageId,
      email: email.toLowerCase(),
      confirmHash: hashToken(token),
      unsubscribeHash: hashToken(unsubscribeToken),
      seal: (id) => secrets.seal(unsubscribeToken, placeOfToken(id)),
      now: clock.now(),
    })
    if (!needsMail) return
    const link = `${config.publicUrl}${publicPath}/${page.slug}/subscribe/confirm?token=${token}`
    const mail = confirmMail(email, { title: page.title, url: pageUrl(services, page) }, link)
    await queue.send('mail.send', mail, { tx })
  })
}

/** Mails to the subscribers of every page that shows the monitor of an incident. */
export const planSubscriberMails: EventConsumer = async (services, event) => {
  const { database, queue, secrets, config, clock } = services
  if (event.monitorId === null || !isTold(event)) return
  const incident = event.incidentId === null ? undefined : await incidentOf(database.db, event.incidentId)
  if (incident === undefined || incident.cause === 'slo') return
  // What fails because something else did is told of there; what somebody writes is always passed on.
  if (incident.suppressed_by_id !== null && event.type !== 'incident.updated') return
  for (const page of await pagesShowing(database.db, event.monitorId)) {
    const told = await toldOf(database.db, event, publicTitle(incident, page.name))
    if (told === undefined) continue
    const address = { title: page.title, url: pageUrl(services, page) }
    let isDone = false
    while (!isDone) {
      isDone = await database.db.transaction().execute(async (tx) => {
        const step = await takeMailingStep(tx, page.id, event, clock.now())
        for (const { id, email, sealedToken } of step) {
          const token = secrets.open(sealedToken, placeOfToken(id))
          const unsubscribeUrl = `${config.publicUrl}${publicPath}/unsubscribe?token=${token}`
          await queue.send('mail.send', incidentMail(email, address, told, unsubscribeUrl, event.id), { tx })
        }
        return step.length === 0
      })
    }
    await forgetMailings(database.db, page.id, clock.now())
  }
}

const toldTypes: readonly UptimeEvent['type'][] = ['incident.opened', 'incident.updated', 'incident.resolved']

function isTold({ type }: UptimeEvent): boolean {
  return toldTypes.includes(type)
}

function incidentOf(db: Kysely<Tables>, id: number) {
  return db
    .selectFrom('incidents')
    .select(['id', 'title', 'monitor_name', 'cause', 'suppressed_by_id'])
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Nothing for an update that says what another event tells already. */
async function toldOf(db: Kysely<Tables>, event: UptimeEvent, title: string): Promise<Told | undefined> {
  const update = await updateOf(db, event)
  switch (event.type) {
    case 'incident.opened':
      return { headline: title, body: null }
    case 'incident.resolved':
      return { headline: `Resolved: ${title}`, body: update?.body ?? null }
    default:
      if (update === undefined || update.status === 'resolved') return undefined
      return {
        headline: `${update.status.slice(0, 1).toUpperCase()}${update.status.slice(1)}: ${title}`,
        body: update.body,
      }
  }
}

async function updateOf(db: Kysely<Tables>, { incidentId, data }: UptimeEvent) {
  if (typeof data.updateId !== 'number') return undefined
  return db
    .selectFrom('incident_updates')
    .select(['status', 'body'])
    .where('id', '=', data.updateId)
    .where('incident_id', '=', incidentId)
    .executeTakeFirst()
}
