import { ConnectionError, isApiError, TimeoutError } from './errors.ts'
import type { Operation } from './operation.ts'

const firstBackoffMs = 500
const longestBackoffMs = 8_000
const longestRetryAfterSeconds = 60

/**
 * How long to wait before the same request goes out again; undefined when it must not. Full jitter also comes on top of
 * Retry-After: all who were told "in one second" would otherwise return in the same instant.
 */
export function retryDelayMs(error: unknown, operation: Operation, attempt: number): number | undefined {
  const seconds = isApiError(error) ? (error.retryAfterSeconds ?? 0) : 0
  // A longer wait (a daily limit) is the caller's decision: the error says it in `retryAfterSeconds`.
  if (!mayRetry(error, operation) || seconds > longestRetryAfterSeconds) return undefined
  return seconds * 1000 + Math.random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** attempt)
}

function mayRetry(error: unknown, operation: Operation): boolean {
  const repeatable = operation.idempotent || operation.method === 'GET' || operation.method === 'HEAD'
  if (error instanceof ConnectionError || error instanceof TimeoutError) return repeatable
  if (!isApiError(error)) return false
  // The document says what may be done about each of its codes; statuses decide only for answers of others.
  if (error.code !== 'UNRECOGNIZED') {
    const retry = operation.retryOf[error.code]
    return retry === 'later' || (retry === 'same-key' && repeatable)
  }
  if (error.status === 429 || error.status === 503) return true
  return repeatable && (error.status === 502 || error.status === 504)
}

/** Retry-After is either seconds or a date. */
export function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')
  if (text === null) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}
