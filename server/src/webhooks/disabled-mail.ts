import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { escapeHtml } from '../escape-html.ts'
import type { Queue } from '../jobs/queue.ts'
import type { MailMessage } from '../mail/message.ts'
import type { DueDelivery } from './queue.store.ts'
import { mostConsecutiveFailures } from './record.ts'

// An organization may have any number of owners; these are enough for one of them to act.
const mostOwners = 20

type Ground = { readonly jobs: Queue; readonly publicUrl: string }

/** Nothing comes any more from a subscription that was switched off, so somebody has to be told in another way. */
export async function mailOwners(
  tx: Kysely<Tables>,
  { jobs, publicUrl }: Ground,
  { organizationId, subscriptionId, url }: Pick<DueDelivery, 'organizationId' | 'subscriptionId' | 'url'>,
  error: string | null,
): Promise<void> {
  const owners = await tx
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .innerJoin('organizations', 'organizations.id', 'memberships.organization_id')
    .select(['users.email', 'organizations.name'])
    .where('memberships.organization_id', '=', organizationId)
    .where('memberships.role', '=', 'owner')
    .orderBy('memberships.user_id')
    .limit(mostOwners)
    .execute()
  for (const { email, name } of owners) {
    const mail = disabledMail({ to: email, organization: name, subscriptionId, url, error, publicUrl })
    await jobs.send('mail.send', mail, { tx })
  }
}

type Disabled = {
  readonly to: string
  readonly organization: string
  readonly subscriptionId: number
  readonly url: string
  readonly error: string | null
  readonly publicUrl: string
}

function disabledMail({ to, organization, subscriptionId, url, error, publicUrl }: Disabled): MailMessage {
  // Paths and queries of such URLs often hold a secret, and mail is read in many places.
  const receiver = URL.parse(url)?.host ?? 'its receiver'
  const path = `/api/v1/webhook-subscriptions/${subscriptionId}`
  const paragraphs = [
    `${organization}: webhook subscription ${subscriptionId} to ${receiver} was disabled, because ${mostConsecutiveFailures} deliveries in a row failed.`,
    `The last one: ${error ?? 'unknown'}.`,
    'Events that happen until it is enabled again are not sent. What was waiting before is kept, and goes then.',
    `When the receiver is well again, enable it with PATCH ${publicUrl}${path} and {"enabled": true}. What failed is listed at ${publicUrl}${path}/deliveries.`,
  ]
  return {
    to,
    subject: `Webhook subscription ${subscriptionId} was disabled`,
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html>
<html lang="en">
<body style="font-family: sans-serif; line-height: 1.5">
${paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n')}
</body>
</html>
`,
  }
}
