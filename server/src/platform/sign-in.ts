import type { Role } from '@owlery/spec'
import { sessionCookie, sessionSeconds } from '../http/authenticate.ts'
import type { Effect } from '../http/bind.ts'
import type { Services } from '../services.ts'
import type { Account } from './accounts.store.ts'
import { insertSession } from './sessions.store.ts'

type Visitor = {
  readonly services: Services
  readonly address: string
  readonly userAgent: string | null
  readonly now: Date
  setHeader(name: string, value: string): void
}

/** Every door opens the same session: a row, and a signed name for it as bearer and as cookie. */
export async function openSession(
  db: Effect['db'],
  visitor: Visitor,
  account: Account,
  organizationId: number,
): Promise<{ token: string; expiresIn: number }> {
  const { services, address, userAgent, now } = visitor
  const expiresAt = new Date(now.getTime() + sessionSeconds * 1000)
  const sid = await insertSession(db, { userId: account.id, organizationId, address, userAgent, now, expiresAt })
  const claims = { sub: account.uuid, sid, org: organizationId, email: account.email }
  const token = services.sessionTokens.sign(claims, sessionSeconds)
  const secure = services.config.publicUrl.startsWith('https:') ? '; Secure' : ''
  visitor.setHeader(
    'Set-Cookie',
    `${sessionCookie}=${token}; Path=/; Max-Age=${sessionSeconds}; HttpOnly; SameSite=Lax${secure}`,
  )
  return { token, expiresIn: sessionSeconds }
}

export function toUser(account: Account, role: Role) {
  return {
    id: account.id,
    uuid: account.uuid,
    email: account.email,
    name: account.name,
    role,
    createdAt: account.createdAt.toISOString(),
  }
}
