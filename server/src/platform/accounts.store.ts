import type { Plan, Role } from '@owlery/spec'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type Account = {
  readonly id: number
  readonly uuid: string
  readonly email: string
  readonly name: string | null
  readonly passwordHash: string | null
  readonly createdAt: Date
}

export type Organization = {
  readonly id: number
  readonly name: string
  readonly slug: string
  readonly plan: Plan
}

const accountColumns = [
  'id',
  'uuid',
  'email',
  'name',
  'password_hash as passwordHash',
  'created_at as createdAt',
] as const

export async function findAccountByEmail(db: Kysely<Tables>, email: string): Promise<Account | undefined> {
  return db.selectFrom('users').select(accountColumns).where('email', '=', email.toLowerCase()).executeTakeFirst()
}

export async function findAccount(db: Kysely<Tables>, id: number): Promise<Account | undefined> {
  return db.selectFrom('users').select(accountColumns).where('id', '=', id).executeTakeFirst()
}

export async function insertAccount(
  db: Kysely<Tables>,
  account: { email: string; name: string | null; passwordHash: string | null },
): Promise<Account | 'email_taken'> {
  const row = await db
    .insertInto('users')
    .values({ email: account.email.toLowerCase(), name: account.name, password_hash: account.passwordHash })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning(accountColumns)
    .executeTakeFirst()
  return row ?? 'email_taken'
}

const mostSlugTries = 5

/** The slug follows the name; a taken one gets a random ending. */
export async function insertOrganization(
  db: Kysely<Tables>,
  { name, plan }: { name: string; plan: Plan },
  randomSuffix: () => string,
): Promise<Organization> {
  for (let attempt = 0; attempt < mostSlugTries; attempt++) {
    const slug = attempt === 0 ? slugOf(name) : `${slugOf(name)}-${randomSuffix()}`
    const row = await db
      .insertInto('organizations')
      .values({ name, slug, plan })
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .returning(['id', 'name', 'slug', 'plan'])
      .executeTakeFirst()
    if (row !== undefined) return row
  }
  throw new Error('no free slug for the organization')
}

function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50)
  return plain === '' ? 'organization' : plain
}

export async function insertMembership(
  db: Kysely<Tables>,
  membership: { organizationId: number; userId: number; role: Role },
): Promise<void> {
  const { organizationId, userId, role } = membership
  await db.insertInto('memberships').values({ organization_id: organizationId, user_id: userId, role }).execute()
}

export type Membership = { readonly organizationId: number; readonly role: Role }

/** Where a sign-in lands: the organization that the person joined first. */
export async function firstMembership(db: Kysely<Tables>, userId: number): Promise<Membership | undefined> {
  return db
    .selectFrom('memberships')
    .select(['organization_id as organizationId', 'role'])
    .where('user_id', '=', userId)
    .orderBy('joined_at')
    .orderBy('organization_id')
    .limit(1)
    .executeTakeFirst()
}

export async function findOrganization(db: Kysely<Tables>, id: number): Promise<Organization | undefined> {
  return db.selectFrom('organizations').select(['id', 'name', 'slug', 'plan']).where('id', '=', id).executeTakeFirst()
}

export async function setPassword(db: Kysely<Tables>, userId: number, passwordHash: string): Promise<void> {
  await db.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute()
}

export async function markSignedIn(db: Kysely<Tables>, userId: number, now: Date): Promise<void> {
  await db.updateTable('users').set({ last_login_at: now }).where('id', '=', userId).execute()
}

/** Only while the password is still the one that was checked. */
export async function replacePassword(
  db: Kysely<Tables>,
  userId: number,
  checkedHash: string | null,
  passwordHash: string,
): Promise<boolean> {
  const changed = await db
    .updateTable('users')
    .set({ password_hash: passwordHash })
    .where('id', '=', userId)
    .where('password_hash', '=', checkedHash)
    .executeTakeFirst()
  return changed.numUpdatedRows === 1n
}
