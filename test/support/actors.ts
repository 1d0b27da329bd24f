import { sessionSeconds } from '@owlery/server/http/authenticate.ts'
import { insertAccount, insertMembership, insertOrganization } from '@owlery/server/platform/accounts.store.ts'
import { insertSession } from '@owlery/server/platform/sessions.store.ts'
import { insertToken } from '@owlery/server/platform/tokens.store.ts'
import { mintToken } from '@owlery/server/security/tokens.ts'
import type { Role } from '@owlery/spec'
import type { Service } from './service.ts'

export type Person = {
  readonly userId: number
  readonly organizationId: number
  readonly email: string
  readonly role: Role
  /** A session as its bearer token. */
  readonly session: string
  readonly sessionId: string
}

export type TokenOptions = {
  readonly scopes?: readonly string[]
  readonly dailyMutationLimit?: number | null
  readonly dailyLogBytesLimit?: number | null
  readonly expiresAt?: Date | null
}

let counter = 0

export async function createOrganization(service: Service, name = 'Tenant'): Promise<number> {
  const organization = await insertOrganization(
    service.services.database.db,
    { name, plan: 'self-hosted' },
    () => `n${++counter}`,
  )
  return organization.id
}

/** Somebody with a role in an organization, signed in. The password, if any, is hashed for real. */
export async function createPerson(
  service: Service,
  organizationId: number,
  role: Role,
  password?: string,
): Promise<Person> {
  const { db } = service.services.database
  const email = `${role}-${++counter}@example.com`
  const passwordHash = password === undefined ? null : await service.services.passwords.hash(password)
  const account = await insertAccount(db, { email, name: null, passwordHash })
  if (account === 'email_taken') throw new Error(`${email} exists`)
  await insertMembership(db, { organizationId, userId: account.id, role })
  const now = service.clock.now()
  const expiresAt = new Date(now.getTime() + sessionSeconds * 1000)
  const seed = { userId: account.id, organizationId, address: '127.0.0.1', userAgent: null, now, expiresAt }
  const sessionId = await insertSession(db, seed)
  const claims = { sub: account.uuid, sid: sessionId, org: organizationId, email }
  const session = service.services.sessionTokens.sign(claims, sessionSeconds)
  return { userId: account.id, organizationId, email, role, session, sessionId }
}

export async function createToken(
  service: Service,
  person: Person,
  options: TokenOptions = {},
): Promise<{ id: number; token: string }> {
  const { plaintext, shownPrefix, hash } = mintToken('obs_')
  const row = await insertToken(service.services.database.db, {
    organizationId: person.organizationId,
    userId: person.userId,
    name: 'test token',
    prefix: shownPrefix,
    hash,
    scopes: options.scopes ?? ['*'],
    dailyMutationLimit: options.dailyMutationLimit ?? null,
    dailyLogBytesLimit: options.dailyLogBytesLimit ?? null,
    expiresAt: options.expiresAt ?? null,
    now: service.clock.now(),
  })
  return { id: row.id, token: plaintext }
}

export type Cast = {
  readonly owner: Person
  readonly admin: Person
  readonly member: Person
  readonly viewer: Person
  readonly stranger: Person
}

/** One organization with every role, and the owner of another one. */
export async function createCast(service: Service): Promise<Cast> {
  const ours = await createOrganization(service, 'Ours')
  const theirs = await createOrganization(service, 'Theirs')
  return {
    owner: await createPerson(service, ours, 'owner'),
    admin: await createPerson(service, ours, 'admin'),
    member: await createPerson(service, ours, 'member'),
    viewer: await createPerson(service, ours, 'viewer'),
    stranger: await createPerson(service, theirs, 'owner'),
  }
}
