import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { SecretBox } from '../security/secrets.ts'

const place = (organizationId: number) => `organization_secrets.sealed_webhook_secret:${organizationId}`

/** The secret is these characters themselves, not the bytes that they could stand for. */
const mintSecret = () => randomBytes(32).toString('hex')

/** The secret that signs the organization's webhooks. It comes into being when it is first needed. */
export async function webhookSecretOf(db: Kysely<Tables>, secrets: SecretBox, organizationId: number): Promise<string> {
  const known = await findSealed(db, organizationId)
  if (known !== undefined) return secrets.open(known, place(organizationId))
  await db
    .insertInto('organization_secrets')
    .values({
      organization_id: organizationId,
      sealed_webhook_secret: secrets.seal(mintSecret(), place(organizationId)),
    })
    .onConflict((conflict) => conflict.column('organization_id').doNothing())
    .execute()
  // Somebody else may have been first.
  const sealed = await findSealed(db, organizationId)
  if (sealed === undefined) throw new Error(`organization ${organizationId} is gone`)
  return secrets.open(sealed, place(organizationId))
}

export async function replaceWebhookSecret(
  db: Kysely<Tables>,
  secrets: SecretBox,
  organizationId: number,
): Promise<string> {
  const secret = mintSecret()
  const fresh = { sealed_webhook_secret: secrets.seal(secret, place(organizationId)) }
  await db
    .insertInto('organization_secrets')
    .values({ organization_id: organizationId, ...fresh })
    .onConflict((conflict) => conflict.column('organization_id').doUpdateSet(fresh))
    .execute()
  return secret
}

async function findSealed(db: Kysely<Tables>, organizationId: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('organization_secrets')
    .select('sealed_webhook_secret')
    .where('organization_id', '=', organizationId)
    .executeTakeFirst()
  return row?.sealed_webhook_secret
}
