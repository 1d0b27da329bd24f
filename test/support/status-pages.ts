import { randomBytes } from 'node:crypto'
import type { StatusPageCreate } from '@owlery/client'
import { hashToken } from '@owlery/server/security/tokens.ts'
import { createPerson } from './actors.ts'
import { website } from './monitors.ts'
import type { Service } from './service.ts'

let counter = 0

export function freshSlug(): string {
  return `page-${process.pid}-${++counter}`
}

async function ownClient(service: Service, organizationId: number) {
  const owner = await createPerson(service, organizationId, 'owner')
  return service.client(owner.session).uptime
}

/** A page that shows one website. */
export async function createPage(service: Service, organizationId: number, more: Partial<StatusPageCreate> = {}) {
  const { monitors, statusPages } = await ownClient(service, organizationId)
  const { id: monitorId } = await monitors.create(website())
  return statusPages.create({ slug: freshSlug(), title: 'Acme', components: [{ monitorId }], ...more })
}

export async function pageOf(service: Service, organizationId: number, id: number) {
  return (await ownClient(service, organizationId)).statusPages.get(id)
}

/** Somebody who has confirmed, or not yet; one token is for both links. */
export async function subscriber(service: Service, pageId: number, { isConfirmed = true } = {}) {
  const { db } = service.services.database
  const email = `reader-${++counter}@example.com`
  const token = randomBytes(32).toString('base64url')
  const now = service.clock.now()
  const { id } = await db
    .insertInto('status_page_subscribers')
    .values({
      status_page_id: pageId,
      email,
      confirmed_at: isConfirmed ? now : null,
      confirm_expires_at: new Date(now.getTime() + 3_600_000),
      confirm_hash: hashToken(token),
      unsubscribe_hash: hashToken(token),
      sealed_unsubscribe_token: '',
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const sealed = service.services.secrets.seal(token, `status_page_subscribers.sealed_unsubscribe_token:${id}`)
  await db
    .updateTable('status_page_subscribers')
    .set({ sealed_unsubscribe_token: sealed })
    .where('id', '=', id)
    .execute()
  return { id, email, token }
}
