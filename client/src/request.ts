import type { Reply } from './call.ts'
import { AbortError, ConnectionError, TimeoutError } from './errors.ts'
import type { Operation } from './operation.ts'
import type { ClientOptions, IdempotentCallOptions } from './options.ts'
import { readReply } from './reply.ts'
import { retryDelayMs } from './retry.ts'

/** All that an attempt is made of. A `Request` can be sent only once, so each attempt builds its own from these. */
export interface RequestParts {
  readonly url: string
  readonly body: string | undefined
  readonly options: IdempotentCallOptions
}

export async function send(client: ClientOptions, operation: Operation, parts: RequestParts): Promise<Reply<unknown>> {
  const maxRetries = parts.options.maxRetries ?? client.maxRetries ?? 2
  // Made once for the whole call, so that every attempt carries the same Idempotency-Key.
  const headers = callHeaders(client, operation, parts)
  for (let attempt = 0; ; attempt++) {
    try {
      const { response, text } = await sendOnce(client, operation, parts, headers)
      return readReply(operation, response, text)
    } catch (error) {
      const delayMs = attempt < maxRetries ? retryDelayMs(error, operation, attempt) : undefined
      if (delayMs === undefined) throw error
      await sleep(delayMs, operation, parts.options.signal)
    }
  }
}

function callHeaders(client: ClientOptions, operation: Operation, { body, options }: RequestParts): Headers {
  const headers = new Headers({ accept: operation.givesText ? '*/*' : 'application/json' })
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (client.userAgent !== undefined) headers.set('user-agent', client.userAgent)
  const key = options.idempotencyKey ?? (operation.idempotent ? randomKey() : undefined)
  if (key !== undefined) headers.set('idempotency-key', key)
  for (const [name, value] of Object.entries({ ...client.headers, ...options.headers })) headers.set(name, value)
  return headers
}

// Browsers have crypto.randomUUID on https pages only, and a self-hosted service may well be on plain http.
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function sendOnce(
  client: ClientOptions,
  operation: Operation,
  { url, body, options }: RequestParts,
  callHeaders: Headers,
): Promise<{ response: Response; text: string }> {
  const { signal } = options
  const headers = new Headers(callHeaders)
  const token = typeof client.token === 'function' ? await client.token() : client.token
  if (token !== undefined && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`)
  if (signal?.aborted) throw aborted(operation, signal)

  const timeoutMs = options.timeoutMs ?? client.timeoutMs ?? 30_000
  const controller = new AbortController()
  // Outside `try`: what Request refuses (a line break in a header) is the caller's mistake, not a lost connection.
  const request = new Request(url, {
    method: operation.method,
    headers,
    signal: controller.signal,
    ...(body !== undefined && { body }),
    ...(client.credentials && { credentials: client.credentials }),
  })
  const stop = () => controller.abort()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutMs)
  signal?.addEventListener('abort', stop)
  try {
    const response = await (client.fetch ?? fetch)(request)
    return { response, text: await response.text() }
  } catch (cause) {
    if (signal?.aborted) throw aborted(operation, signal)
    if (timedOut) throw new TimeoutError(`${operation.id}: no complete answer within ${timeoutMs} ms`, { cause })
    throw new ConnectionError(`${operation.id}: the connection to ${new URL(url).origin} failed`, { cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

function aborted(operation: Operation, { reason }: AbortSignal): AbortError {
  return new AbortError(`${operation.id}: aborted by the caller`, { cause: reason })
}

function sleep(ms: number, operation: Operation, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      if (signal) reject(aborted(operation, signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
