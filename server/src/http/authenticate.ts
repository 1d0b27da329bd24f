import { findSession, findToken } from '../platform/credentials.store.ts'
import { hashToken, tokenKind } from '../security/tokens.ts'
import { type Actor, nameOf } from './actor.ts'
import { refuseForeignOrigin } from './authorize.ts'
import { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

export const sessionCookie = 'token'
export const sessionSeconds = 30 * 24 * 60 * 60
/** A session's name is renewed once it is this old, so that one in use never ends. */
const renewAfterSeconds = 24 * 60 * 60

/** Whoever the request's credential stands for; undefined for operations that ask for none. */
export async function authenticate(incoming: Incoming): Promise<Actor | undefined> {
  const { operation } = incoming.route
  if (operation.access.kind === 'public') return undefined
  const bearer = bearerOf(incoming)
  const fromCookie = bearer === undefined ? cookieOf(incoming) : undefined
  const credential = bearer ?? fromCookie
  if (credential === undefined) throw new ApiError('UNAUTHORIZED')
  const actor =
    tokenKind(credential) === undefined ? await bySession(incoming, credential) : await byToken(incoming, credential)
  if (actor === undefined) throw new ApiError('INVALID_TOKEN')
  if (fromCookie !== undefined) refuseForeignOrigin(incoming)
  incoming.actor = nameOf(actor)
  return actor
}

function bearerOf(incoming: Incoming): string | undefined {
  const header = incoming.hono.req.header('authorization')
  if (header === undefined) return undefined
  const [scheme, credential, ...rest] = header.split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || credential === undefined || rest.length > 0) {
    throw new ApiError('INVALID_TOKEN')
  }
  return credential
}

function cookieOf(incoming: Incoming): string | undefined {
  const cookies = incoming.hono.req.header('cookie')
  if (cookies === undefined) return undefined
  for (const pair of cookies.split(';')) {
    const [name, ...value] = pair.split('=')
    if (name?.trim() === sessionCookie) return value.join('=').trim()
  }
  return undefined
}

async function byToken(incoming: Incoming, plaintext: string): Promise<Actor | undefined> {
  const { credentials, database, tokenUse } = incoming.services
  const hash = hashToken(plaintext)
  const actor = await credentials.find(hash.toString('base64'), () => findToken(database.db, hash))
  if (actor?.kind !== 'token') return undefined
  const { expiresAt } = actor.token
  if (expiresAt !== null && expiresAt <= incoming.now) return undefined
  tokenUse.seen(actor.token.id, incoming.now)
  return actor
}

async function bySession(incoming: Incoming, jwt: string): Promise<Actor | undefined> {
  const { credentials, database, sessionTokens, sessionUse } = incoming.services
  const claims = sessionTokens.verify(jwt)
  if (claims === undefined) return undefined
  const actor = await credentials.find(claims.sid, () => findSession(database.db, claims.sid, incoming.now))
  if (actor?.kind !== 'session' || actor.userUuid !== claims.sub || actor.organizationId !== claims.org) {
    return undefined
  }
  sessionUse.seen(claims.sid, incoming.now)
  if (incoming.now.getTime() / 1000 - claims.iat > renewAfterSeconds) {
    const { sub, sid, org, email } = claims
    incoming.headers['X-Refreshed-Token'] = sessionTokens.sign({ sub, sid, org, email }, sessionSeconds)
  }
  return actor
}
