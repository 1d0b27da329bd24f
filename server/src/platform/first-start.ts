import { sql } from 'kysely'
import type { Config } from '../config.ts'
import type { Database } from '../db/connect.ts'
import { hashToken, mintToken, shownPrefix } from '../security/tokens.ts'
import { insertAccount, insertMembership, insertOrganization } from './accounts.store.ts'
import { insertToken } from './tokens.store.ts'

export type FirstToken = { readonly plaintext: string; readonly isGiven: boolean }

// Any number; every process that starts at the same time must use the same one.
const firstStartLock = 7_212_024

/**
 * On an empty database: the organization, its owner and a first token, in one transaction, so that a start which is
 * cut short begins anew. The owner has no password; a mail reset or the token is the way in.
 */
export async function firstStart(database: Database, config: Config, now: Date): Promise<FirstToken | undefined> {
  return database.db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${firstStartLock})`.execute(tx)
    const existing = await tx.selectFrom('organizations').select('id').limit(1).executeTakeFirst()
    if (existing !== undefined) return undefined
    const account = await insertAccount(tx, {
      email: config.bootstrap.email ?? 'owner@localhost.localdomain',
      name: 'Owner',
      passwordHash: null,
    })
    if (account === 'email_taken') return undefined
    const organization = await insertOrganization(tx, { name: 'Owlery', plan: config.plans.initial }, () =>
      now.getTime().toString(36),
    )
    const owner = { organizationId: organization.id, userId: account.id }
    await insertMembership(tx, { ...owner, role: 'owner' })
    const given = config.bootstrap.token
    const plaintext = given ?? mintToken('obs_').plaintext
    await insertToken(tx, {
      ...owner,
      name: 'first token',
      prefix: shownPrefix(plaintext),
      hash: hashToken(plaintext),
      scopes: ['*'],
      dailyMutationLimit: null,
      dailyLogBytesLimit: null,
      expiresAt: null,
      now,
    })
    await tx
      .insertInto('audit_logs')
      .values({
        organization_id: organization.id,
        actor_user_id: account.id,
        actor_email: account.email,
        action: 'FIRST_START',
        resource: `organization:${organization.id}`,
        meta: JSON.stringify({ ip: null, ua: null }),
      })
      .execute()
    return { plaintext, isGiven: given !== undefined }
  })
}
