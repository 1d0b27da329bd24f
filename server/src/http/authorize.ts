import { allows, isMutation, roles } from '@owlery/spec'
import type { Actor } from './actor.ts'
import { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

/** The record's kinds, scope and role against the caller's. A token must pass both its scopes and its owner's role. */
export function authorize(incoming: Incoming, actor: Actor | undefined): void {
  const { operation } = incoming.route
  const { access } = operation
  if (access.kind === 'public' || actor === undefined) return
  if (!access.credentials.includes(actor.kind)) throw new ApiError('SESSION_REQUIRED')
  if (actor.kind === 'token' && access.scope !== null && !allows(actor.token.scopes, access.scope)) {
    const named = access.ownToken === undefined ? undefined : incoming.hono.req.param(access.ownToken)
    if (named !== String(actor.token.id)) {
      throw new ApiError('PAT_SCOPE_INSUFFICIENT', { message: `The token lacks the scope ${access.scope}` })
    }
  }
  if (roles.indexOf(actor.role) < roles.indexOf(access.role)) {
    throw new ApiError('ROLE_INSUFFICIENT', { message: `This needs the role ${access.role} or above` })
  }
}

/** A page of another origin can make a browser send the cookie, but not a bearer header. */
export function refuseForeignOrigin(incoming: Incoming): void {
  if (!isMutation(incoming.route.operation)) return
  const { hono, services } = incoming
  const origin = hono.req.header('origin')
  const site = hono.req.header('sec-fetch-site')
  if (site === 'same-origin') return
  const own = [services.config.publicUrl, new URL(hono.req.url).origin]
  if (site === undefined && origin !== undefined && own.includes(origin)) return
  throw new ApiError('CROSS_ORIGIN_REFUSED')
}
