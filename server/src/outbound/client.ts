import type { IncomingMessage } from 'node:http'
import { name, version } from '../version.ts'
import { type Answer, exchange } from './exchange.ts'
import { type Failure, type FailureReason, failure } from './failures.ts'
import type { Guard, Located } from './guard.ts'
import { parseTarget, type Target, webSchemes } from './target.ts'
import { type TimeLimit, timeLimit } from './time-limit.ts'

export type OutboundRequest = {
  readonly url: string
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** For the whole call: names, connections, redirects and the body. */
  readonly timeoutMs: number
  /** Of the body as it comes over the wire; nothing is decompressed. */
  readonly maxBytes: number
  /** What a longer body means: a failure (unless told otherwise), or that its beginning is enough. */
  readonly overflow?: 'fail' | 'cut'
  /** 0 unless told otherwise: a redirect is then a failure that shows its status. */
  readonly maxRedirects?: number
  /** Whether a redirect is an answer like any other, and not followed. */
  readonly takesRedirects?: boolean
}

/** `url` is where the redirects ended. */
export type OutboundAnswer = Answer & { readonly url: string; readonly durationMs: number }
export type OutboundFailure = Failure & { readonly durationMs: number }
export type OutboundOutcome = OutboundAnswer | OutboundFailure

/** Everything that the service calls on somebody's behalf goes through here. Never rejects. */
export type Outbound = { request(request: OutboundRequest): Promise<OutboundOutcome> }

export type OutboundOptions = {
  readonly guard: Guard
  /** In PEM, instead of those that Node trusts. */
  readonly certificateAuthorities?: readonly string[]
}

const redirects = new Set([301, 302, 303, 307, 308])

export function createOutbound({ guard, certificateAuthorities }: OutboundOptions): Outbound {
  /** One hop after the other, each checked like the first. */
  const follow = async (asked: OutboundRequest, limit: TimeLimit) => {
    const { maxBytes, overflow = 'fail', maxRedirects = 0, takesRedirects = false } = asked
    const isHeadEnough = takesRedirects ? () => false : isRedirect
    let target = parseTarget(asked.url, webSchemes)
    if (target === undefined) return failure('invalid_url')
    let sent = firstMessage(asked)
    for (let followed = 0; ; followed += 1) {
      const located = await withinTime(guard.locate(target.host, limit.leftMs()), limit.signal)
      if (located === undefined) return failure('timeout')
      if (!located.ok) return failure(reasonOf(located))
      const { addresses } = located
      const hop = { target, addresses, maxBytes, overflow, isHeadEnough, certificateAuthorities, limit }
      const answer = await exchange({ ...hop, ...sent })
      if (!answer.ok) return answer
      const { status } = answer
      const { location } = answer.headers
      if (takesRedirects || location === undefined || !redirects.has(status)) return { ...answer, url: target.url.href }
      if (followed === maxRedirects) {
        return failure(maxRedirects === 0 ? 'redirect_refused' : 'too_many_redirects', { status })
      }
      const next = redirectTarget(location, target)
      if (next === undefined) return failure('redirect_invalid', { status })
      sent = nextMessage(sent, status, next.url.origin === target.url.origin)
      target = next
    }
  }

  return {
    request: async (asked) => {
      const start = performance.now()
      const outcome = await follow(asked, timeLimit(asked.timeoutMs))
      return { ...outcome, durationMs: Math.round(performance.now() - start) }
    },
  }
}

function isRedirect(response: IncomingMessage): boolean {
  return redirects.has(response.statusCode ?? 0) && response.headers.location !== undefined
}

function redirectTarget(location: string, from: Target): Target | undefined {
  const url = URL.parse(location, from.url.href)
  return url === null ? undefined : parseTarget(url.href, webSchemes)
}

const failureReasons = {
  invalid: 'invalid_url',
  unsafe: 'refused',
  not_found: 'name_not_found',
  lookup_failed: 'lookup_failed',
} as const satisfies Record<Extract<Located, { ok: false }>['reason'], FailureReason>

function reasonOf({ reason }: Extract<Located, { ok: false }>): FailureReason {
  return failureReasons[reason]
}

type Message = {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

// These belong to the connection. Set by a caller they would split requests or reach another site of the same server.
const ownHeaders =
  /^(host|connection|content-length|transfer-encoding|accept-encoding|keep-alive|upgrade|expect|te|trailer|proxy-.*)$/i
// What may follow to another origin; any other header may be a credential.
const plainHeaders = /^(user-agent|accept|accept-encoding|accept-language|content-type|content-length)$/i
const bodyHeaders = /^content-/i

function firstMessage({ method = 'GET', headers = {}, body }: OutboundRequest): Message {
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const given = keepHeaders(headers, (header) => !ownHeaders.test(header))
  const has = (name: string) => Object.keys(given).some((header) => header.toLowerCase() === name)
  return {
    method,
    headers: {
      ...(!has('user-agent') && { 'User-Agent': `${name}/${version}` }),
      ...(!has('accept') && { Accept: '*/*' }),
      // A small compressed body may unpack to any size, so none is asked for.
      'Accept-Encoding': 'identity',
      ...given,
      ...(bytes !== undefined && { 'Content-Length': String(bytes.length) }),
    },
    body: bytes,
  }
}

/** As browsers do: 303 asks for another page, and so do 301 and 302 after a POST; 307 and 308 repeat the request. */
function nextMessage({ method, headers, body }: Message, status: number, isSameOrigin: boolean): Message {
  const kept = isSameOrigin ? headers : keepHeaders(headers, (header) => plainHeaders.test(header))
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
  if (!becomesGet) return { method, headers: kept, body }
  return { method: 'GET', headers: keepHeaders(kept, (header) => !bodyHeaders.test(header)), body: undefined }
}

function keepHeaders(
  headers: Readonly<Record<string, string>>,
  isKept: (header: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([header]) => isKept(header)))
}

async function withinTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined
  const { promise: ended, resolve } = Promise.withResolvers<undefined>()
  const onAbort = () => resolve(undefined)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, ended])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
