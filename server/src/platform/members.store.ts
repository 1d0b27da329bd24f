import type { Role } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type MemberRow = Awaited<ReturnType<typeof listMembers>>[number]

export function listMembers(
  db: Kysely<Tables>,
  organizationId: number,
  page: { limit: number; after: number | undefined },
) {
  return selectMembers(db, organizationId)
    .where('memberships.user_id', '>', page.after ?? 0)
    .orderBy('memberships.user_id')
    .limit(page.limit)
    .execute()
}

export type RoleChange = { readonly before: Role; readonly member: MemberRow }

/** Never leaves the organization without an owner, however many owners step down at once. */
export async function changeRole(
  db: Kysely<Tables>,
  organizationId: number,
  userId: number,
  role: Role,
): Promise<RoleChange | 'not_found' | 'sole_owner'> {
  // The organization's row rather than the owners' rows: with it held, nobody becomes or ceases to be an owner.
  await sql`SELECT 1 FROM organizations WHERE id = ${organizationId} FOR NO KEY UPDATE`.execute(db)
  const member = await selectMembers(db, organizationId).where('memberships.user_id', '=', userId).executeTakeFirst()
  if (member === undefined) return 'not_found'
  if (member.role === 'owner' && role !== 'owner' && !(await hasOtherOwner(db, organizationId, userId))) {
    return 'sole_owner'
  }
  await db
    .updateTable('memberships')
    .set({ role })
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .execute()
  return { before: member.role, member: { ...member, role } }
}

async function hasOtherOwner(db: Kysely<Tables>, organizationId: number, userId: number): Promise<boolean> {
  const other = await db
    .selectFrom('memberships')
    .select('user_id')
    .where('organization_id', '=', organizationId)
    .where('role', '=', 'owner')
    .where('user_id', '!=', userId)
    .limit(1)
    .executeTakeFirst()
  return other !== undefined
}

function selectMembers(db: Kysely<Tables>, organizationId: number) {
  return db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .select([
      'memberships.user_id as userId',
      'users.email',
      'users.name',
      'memberships.role',
      'memberships.joined_at as joinedAt',
      'users.last_login_at as lastLoginAt',
    ])
    .where('memberships.organization_id', '=', organizationId)
}
