import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, isIPv6, type LookupFunction } from 'node:net'
import { type Failure, failure, failureOf, type Phase } from './failures.ts'
import type { Target } from './target.ts'
import { shareOf, type TimeLimit } from './time-limit.ts'

export type Exchange = {
  readonly target: Target
  /** Checked ones; nothing else is dialled. */
  readonly addresses: readonly string[]
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  readonly maxBytes: number
  readonly overflow: 'fail' | 'cut'
  /** Of these answers the head is enough. */
  readonly isHeadEnough: (response: IncomingMessage) => boolean
  readonly certificateAuthorities: readonly string[] | undefined
  readonly limit: TimeLimit
}

export type Answer = {
  readonly ok: true
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body was longer than `maxBytes` and is its beginning. */
  readonly isCut: boolean
  /** Whom we talked to. */
  readonly address: string
}

const largestHead = 16_384
const mostAddresses = 8
// Node takes no less.
const leastAttemptMs = 10

/** One request on a connection of its own, to one answer. Never rejects. */
export function exchange(asked: Exchange): Promise<Answer | Failure> {
  const { target, method, headers, limit } = asked
  const { signal } = limit
  const addresses = asked.addresses.slice(0, mostAddresses)
  const isTls = target.url.protocol === 'https:'
  const { promise, resolve } = Promise.withResolvers<Answer | Failure>()
  let phase: Phase = 'connecting'
  const options = {
    host: target.host,
    port: target.url.port === '' ? (isTls ? 443 : 80) : Number(target.url.port),
    path: `${target.url.pathname}${target.url.search}`,
    method,
    headers: { ...headers, Host: target.url.host },
    lookup: answerWith(addresses),
    // By itself Node gives up an address after a quarter of a second, too soon for the other side of the world.
    autoSelectFamilyAttemptTimeout: Math.max(leastAttemptMs, shareOf(limit, addresses.length)),
    // A connection kept open would outlive the check of its address.
    agent: false as const,
    maxHeaderSize: largestHead,
  }
  const tls = {
    servername: isIP(target.host) === 0 ? target.host : '',
    rejectUnauthorized: true,
    ...(asked.certificateAuthorities !== undefined && { ca: [...asked.certificateAuthorities] }),
  }
  let request: ReturnType<typeof requestHttp>
  try {
    request = isTls ? requestHttps({ ...options, ...tls }) : requestHttp(options)
  } catch {
    return Promise.resolve(failure('invalid_request'))
  }
  const settle = (outcome: Answer | Failure) => {
    signal.removeEventListener('abort', onTimeout)
    resolve(outcome)
    request.destroy()
  }
  const onTimeout = () => settle(failure('timeout'))
  signal.addEventListener('abort', onTimeout)
  request.on('socket', (socket) => {
    socket.once('connect', () => {
      phase = isTls ? 'handshake' : 'request'
    })
    socket.once('secureConnect', () => {
      phase = 'request'
    })
  })
  let received: IncomingMessage | undefined
  // What goes wrong after a complete answer, such as more bytes than its length says, takes nothing away from it.
  const unlessComplete = (outcome: Failure) => {
    if (received?.complete !== true) settle(outcome)
  }
  request.on('error', (error) => unlessComplete(failureOf(error, phase)))
  // Covers ends without an error, such as an answer that switches to another protocol.
  request.on('close', () => unlessComplete(failure('connection_lost')))
  request.on('response', (response) => {
    received = response
    collect(response, asked, settle)
  })
  request.end(asked.body)
  if (signal.aborted) onTimeout()
  return promise
}

function collect(
  response: IncomingMessage,
  { maxBytes, overflow, isHeadEnough }: Exchange,
  settle: (outcome: Answer | Failure) => void,
): void {
  const { headers, statusCode: status = 0, socket } = response
  const address = socket.remoteAddress ?? ''
  const chunks: Buffer[] = []
  let size = 0
  const answer = (isCut: boolean): Answer => {
    const body = Buffer.concat(chunks).subarray(0, maxBytes)
    return { ok: true, status, headers, body, isCut, address }
  }
  response.on('error', () => settle(failure('connection_lost', { status })))
  if (isHeadEnough(response) || (maxBytes === 0 && overflow === 'cut')) {
    settle(answer(false))
    return
  }
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    chunks.push(chunk)
    if (size <= maxBytes) return
    settle(overflow === 'cut' ? answer(true) : failure('too_many_bytes', { status }))
  })
  response.on('end', () => settle(response.complete ? answer(false) : failure('connection_lost', { status })))
}

/** Stands where Node would ask for the name a second time. */
function answerWith(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? (6 as const) : (4 as const) }))
  return (_host, options, callback) => {
    const [first] = all
    if (first === undefined) callback(new Error('no address was checked'), '')
    else if (options.all) callback(null, all)
    else callback(null, first.address, first.family)
  }
}
