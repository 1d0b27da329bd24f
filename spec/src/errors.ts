import { platformErrors } from './platform/errors.ts'
import { uptimeErrors } from './uptime/errors.ts'

/**
 * Every error code of the API. A code is never renamed, never repurposed and never removed: callers branch on it.
 * `retry` says what a caller may do: 'never' (the same request fails again), 'later' (after Retry-After or a pause),
 * 'same-key' (at once or soon, with the same Idempotency-Key).
 */
export type ErrorEntry = {
  readonly status: number
  /** The sentence a caller reads when the server has nothing more exact to say. */
  readonly message: string
  readonly meaning: string
  readonly remedy: string
  readonly retry: 'never' | 'later' | 'same-key'
}

export const errors = { ...platformErrors, ...uptimeErrors } as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errors
export const errorCodes = Object.keys(errors).sort().filter(isErrorCode)

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errors, text)
}
