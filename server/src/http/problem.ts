import { type ErrorCode, errors } from '@owlery/spec'
import { HTTPException } from 'hono/http-exception'
import { isUnavailable } from '../db/constraints.ts'
import { Overloaded } from '../security/bounded-work.ts'
import { jsonReply, type Reply } from './reply.ts'

/** One fault in a request: where, what kind, and a sentence for people. */
export type Fault = { readonly path: string; readonly code: string; readonly message: string }

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly status: number
  readonly fields: readonly Fault[] | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly keepEffects: boolean

  constructor(
    code: ErrorCode,
    options: {
      readonly message?: string | undefined
      readonly status?: number
      readonly fields?: readonly Fault[] | undefined
      readonly headers?: Readonly<Record<string, string>>
      readonly keepEffects?: boolean | undefined
    } = {},
  ) {
    super(options.message ?? errors[code].message)
    this.code = code
    this.status = options.status ?? errors[code].status
    this.fields = code === 'VALIDATION_FAILED' ? (options.fields ?? []) : undefined
    this.headers = options.headers ?? {}
    this.keepEffects = options.keepEffects ?? false
  }
}

const secondsUntilRetry = '5'

/** Everything that can go wrong becomes one of our codes here, and nowhere else. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof Overloaded || isUnavailable(error)) {
    return new ApiError('SERVICE_UNAVAILABLE', { headers: { 'Retry-After': secondsUntilRetry } })
  }
  if (error instanceof HTTPException) return fromHono(error)
  return new ApiError('INTERNAL')
}

function fromHono(error: HTTPException): ApiError {
  switch (error.status) {
    case 400:
      return new ApiError('BAD_JSON')
    case 404:
      return new ApiError('NOT_FOUND')
    case 413:
      return new ApiError('PAYLOAD_TOO_LARGE')
    case 415:
      return new ApiError('UNSUPPORTED_MEDIA_TYPE')
    default:
      return new ApiError('INTERNAL')
  }
}

export function problem(error: ApiError, requestId: string): Reply {
  const { fields, message, code } = error
  return jsonReply(
    error.status,
    { error: message, code, ...(fields !== undefined && { fields }), requestId },
    error.headers,
  )
}
