import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'

/** A member and the organization at hand, in one read. */
export async function findProfile(db: Kysely<Tables>, userId: number, organizationId: number) {
  const row = await db
    .selectFrom('users')
    .innerJoin('memberships', 'memberships.user_id', 'users.id')
    .innerJoin('organizations', 'organizations.id', 'memberships.organization_id')
    .select([
      'users.id',
      'users.uuid',
      'users.email',
      'users.name',
      'users.email_verified_at',
      'users.password_hash',
      'organizations.id as organization_id',
      'organizations.name as organization_name',
      'organizations.slug',
      'organizations.plan',
    ])
    .where('users.id', '=', userId)
    .where('organizations.id', '=', organizationId)
    .executeTakeFirstOrThrow()
  return {
    id: row.id,
    uuid: row.uuid,
    email: row.email,
    name: row.name,
    emailVerified: row.email_verified_at !== null,
    hasPassword: row.password_hash !== null,
    organization: { id: row.organization_id, name: row.organization_name, slug: row.slug, plan: row.plan },
  }
}
