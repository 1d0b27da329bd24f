import type { Context as HonoContext } from 'hono'
import type { Services } from '../services.ts'
import { clientAddress } from './address.ts'
import type { Route } from './bind.ts'
import { requestIdFrom } from './request-id.ts'

export type Env = { Bindings: { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } } }

/** One request on its way through the pipeline. */
export type Incoming = {
  readonly hono: HonoContext<Env>
  readonly route: Route
  readonly services: Services
  readonly id: string
  readonly address: string
  readonly now: Date
  readonly startedAt: number
  /** Headers that the response will carry whatever the outcome. */
  readonly headers: Record<string, string>
  /** For the log and the metrics. */
  actor: string | undefined
  code: string | undefined
}

export function receive(hono: HonoContext<Env>, route: Route, services: Services): Incoming {
  const id = requestIdFrom(hono.req.header('x-request-id'))
  return {
    hono,
    route,
    services,
    id,
    address: clientAddress(hono, services.isTrustedProxy),
    now: services.clock.now(),
    startedAt: performance.now(),
    headers: {},
    actor: undefined,
    code: undefined,
  }
}
