import type { ErrorCode } from './generated/error-codes.ts'

/** What `code` says when the server's own code is not one that the operation declares in this version of the client. */
export type Unrecognized = 'UNRECOGNIZED'

/** One fault in the request: where it is, which rule it breaks, and a sentence for a person. */
export interface FieldError {
  readonly path: string
  readonly code: string
  readonly message: string
}

export interface ApiErrorDetails<Code extends string> {
  readonly code: Code
  readonly rawCode: string | undefined
  readonly status: number
  readonly fields: readonly FieldError[]
  readonly requestId: string | undefined
  readonly operation: string
  readonly retryAfterSeconds: number | undefined
}

/** The server answered with an error. */
export class ApiError<Code extends string = ErrorCode | Unrecognized> extends Error {
  override readonly name = 'ApiError'
  readonly code: Code
  /** The code as the server wrote it; undefined where the answer did not come from the service (a proxy's page). */
  readonly rawCode: string | undefined
  readonly status: number
  readonly fields: readonly FieldError[]
  /** Names this one request in the server's log. */
  readonly requestId: string | undefined
  readonly operation: string
  readonly retryAfterSeconds: number | undefined

  constructor(sentence: string, details: ApiErrorDetails<Code>) {
    const { operation, status, code, rawCode, requestId } = details
    super(`${operation}: ${status} ${rawCode ?? code}: ${sentence}${requestId ? ` (request ${requestId})` : ''}`)
    this.code = code
    this.rawCode = rawCode
    this.status = status
    this.fields = details.fields
    this.requestId = requestId
    this.operation = operation
    this.retryAfterSeconds = details.retryAfterSeconds
  }
}

/** One `ApiError` per code, so that a `switch` over `error.code` narrows the error and can be exhaustive. */
export type ApiErrorOf<Code extends string> = Code extends string ? ApiError<Code> : never

/** No answer came, or one that is not of this API. The request may or may not have been carried out. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

/** An attempt took longer than `timeoutMs`. The request may or may not have been carried out. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/** The caller's own signal ended the call; `cause` is the signal's reason. */
export class AbortError extends Error {
  override readonly name = 'AbortError'
}

/** `isApiError(error)` for any, `isApiError(error, 'A', 'B')` for these codes only. */
export function isApiError<Code extends ErrorCode | Unrecognized = ErrorCode | Unrecognized>(
  error: unknown,
  ...codes: Code[]
): error is ApiErrorOf<Code> {
  return error instanceof ApiError && (codes.length === 0 || codes.some((code) => code === error.code))
}
