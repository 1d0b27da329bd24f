import type { Reply } from './reply.ts'
import type { Incoming } from './request.ts'

/** Sent with every response. Pages that need more than nothing say so themselves. */
export const secureHeaders = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const

const exposed = [
  'ETag',
  'Idempotent-Replayed',
  'Retry-After',
  'X-PAT-Mut-Limit',
  'X-PAT-Mut-Remaining',
  'X-PAT-Mut-Reset',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Refreshed-Token',
  'X-Request-Id',
].join(', ')

export function respond(incoming: Incoming, reply: Reply): Response {
  const { hono, services, route } = incoming
  const cors = corsHeaders(hono.req.header('origin'), route.operation.anyOrigin ? '*' : services.config.corsOrigins)
  const headers: Record<string, string> = {
    ...secureHeaders,
    ...cors,
    'X-Request-Id': incoming.id,
    ...(route.operation.access.kind === 'credential' && { 'Cache-Control': 'no-store' }),
    // So that a client's pool does not send the next request to a process that is about to go.
    ...(services.isStopping() && { Connection: 'close' }),
    ...incoming.headers,
    ...reply.headers,
  }
  if (reply.headers.Vary !== undefined) headers.Vary = [cors.Vary, reply.headers.Vary].filter(Boolean).join(', ')
  return new Response(reply.body, { status: reply.status, headers })
}

export function corsHeaders(origin: string | undefined, allowed: '*' | readonly string[]): Record<string, string> {
  // Also to who names no origin: a cache may pass the answer on to somebody who does.
  if (allowed === '*') return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': exposed }
  // Where some origins get other headers, a cache must tell even those that name none apart.
  if (origin === undefined) return allowed.length === 0 ? {} : { Vary: 'Origin' }
  if (!allowed.includes(origin)) return { Vary: 'Origin' }
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': exposed,
    Vary: 'Origin',
  }
}

const preflightHeaders = {
  'Access-Control-Allow-Headers':
    'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Agent-Id, X-Conversation-Id, X-Request-Id, X-Status-Page-Token',
  'Access-Control-Max-Age': '600',
} as const

export function preflight(
  origin: string | undefined,
  allowed: '*' | readonly string[],
  methods: readonly string[],
): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...corsHeaders(origin, allowed),
      ...preflightHeaders,
      'Access-Control-Allow-Methods': methods.join(', '),
      Allow: methods.join(', '),
    },
  })
}
