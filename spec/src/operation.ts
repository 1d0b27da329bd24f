import type { z } from '@hono/zod-openapi'
import { type ErrorCode, errors } from './errors.ts'
import { type Access, type AuditAction, type IdentityLimitName, type LimitName, limits } from './policy.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head'

export type Success = {
  readonly status: 200 | 201 | 202 | 204
  readonly description: string
  /** The JSON body. Absent with 204, and where only `texts` are answered. */
  readonly body?: z.ZodType
  /** Other content types the operation may answer with. */
  readonly texts?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

/** How a list continues; the client turns it into an iteration. */
export type Pagination =
  | { readonly style: 'cursor'; readonly parameter: string; readonly next: string; readonly items: string }
  | { readonly style: 'keyset'; readonly parameter: string; readonly key: string }
  | { readonly style: 'offset'; readonly parameter: string }

/**
 * One operation: what it takes, what it gives and its whole policy. The document shows every word of it, the pipeline
 * enforces it, and the handler is left with the work itself.
 */
export type Operation = {
  readonly method: Method
  readonly path: `/${string}`
  readonly summary: string
  readonly description: string
  /** The published API the path belongs to; `owlery` where we add one. */
  readonly origin: '24observe' | 'owlmetry' | 'owlette' | 'owlery'
  readonly access: Access
  /** The bucket of the caller's address; taken before anything else, known credential or not. */
  readonly limit: LimitName | null
  /** The bucket of the caller's credential; taken only once it has passed. */
  readonly identityLimit?: IdentityLimitName
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** The JSON body. Of an optional schema it may be left out. */
  readonly body?: z.ZodType
  /** In bytes, packed and unpacked; without it, `defaultBodyLimit`. */
  readonly bodyLimit?: number
  readonly success: Success
  /** Documented answers that are neither the success nor an error code's own body. */
  readonly otherwise?: { readonly status: number; readonly description: string } & (
    | { readonly body: z.ZodType }
    | { readonly text: string }
  )
  readonly errors: readonly ErrorCode[]
  readonly audit?: AuditAction
  /**
   * The answer carries an ETag that names the version somebody last wrote (not what the service itself keeps up to
   * date in it, such as the time of the last check).
   */
  readonly etag?: true
  /** The answer carries an ETag; who sends it back in If-None-Match gets 304 instead of the same bytes again. */
  readonly revalidates?: true
  /** Scripts of every site may read the answers, errors too. Only for what depends on no cookie. */
  readonly anyOrigin?: true
  /** The verb of the same resource that reads what this one changes: If-Match is held against its ETag. */
  readonly guardedBy?: string
  readonly pagination?: Pagination
  /** The reply shows a secret once: it is stored encrypted for replays and never cached. */
  readonly secretReply?: true
  /** Works long before it writes (hashing, calls to others): the handler itself opens the transaction, at the end. */
  readonly slow?: true
  /** Writes together with others that come at the same time, so no transaction is opened for the request itself. */
  readonly batched?: true
  /** Answers without the database, so it works while the database is away. */
  readonly offline?: true
  /** Not worth a method in generated clients. */
  readonly client?: false
  /**
   * What a tool of an agent does with it: `read` opens a read, `write` a change that does no harm, `false` closes.
   * Absent: closed, but for plain reads of the data areas; agents.ts has the rule.
   */
  readonly agent?: AgentUse | false
}

export type AgentUse = 'read' | 'write'

export function operation<const O extends Operation>(record: O): O {
  return record
}

export const defaultBodyLimit = 1024 * 1024

export function isMutation(record: Operation): boolean {
  return record.method !== 'get' && record.method !== 'head'
}

/** Every mutation by an authenticated caller can be repeated safely under an Idempotency-Key. */
export function isIdempotent(record: Operation): boolean {
  return isMutation(record) && record.access.kind === 'credential'
}

/** The codes that follow from an operation's shape, so that nobody lists them by hand. */
function impliedCodes(record: Operation): ErrorCode[] {
  const codes: ErrorCode[] = ['VALIDATION_FAILED', 'INTERNAL']
  if (!record.offline) codes.push('SERVICE_UNAVAILABLE')
  if (record.access.kind === 'credential') {
    codes.push('UNAUTHORIZED', 'INVALID_TOKEN')
    if (record.access.credentials.includes('token')) {
      if (record.access.scope !== null) codes.push('PAT_SCOPE_INSUFFICIENT')
      if (isMutation(record)) codes.push('PAT_DAILY_LIMIT_EXCEEDED')
    } else {
      codes.push('SESSION_REQUIRED')
    }
    if (record.access.role !== 'viewer') codes.push('ROLE_INSUFFICIENT')
    if (isMutation(record)) codes.push('CROSS_ORIGIN_REFUSED')
    if (record.identityLimit !== undefined) codes.push('RATE_LIMITED')
  }
  if (record.body !== undefined) {
    codes.push('BAD_JSON', 'BAD_COMPRESSED_BODY', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE')
  }
  if (record.guardedBy !== undefined) codes.push('PRECONDITION_FAILED', 'NOT_FOUND')
  if (isIdempotent(record)) {
    codes.push('IDEMPOTENCY_KEY_TOO_LONG', 'IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_KEY_REPLAY_CONFLICT')
  }
  return codes
}

export type StatusAndCode = { readonly status: number; readonly code: ErrorCode }

/** All an operation may answer besides its success, in a stable order. */
export function possibleErrors(record: Operation): StatusAndCode[] {
  const codes = [...impliedCodes(record), ...record.errors]
  const found = new Map<string, StatusAndCode>()
  const add = (status: number, code: ErrorCode) => found.set(`${status} ${code}`, { status, code })
  for (const code of codes) add(errors[code].status, code)
  if (record.limit !== null) {
    const limit = limits[record.limit]
    // A bucket may speak with another code, so that its caller learns nothing from the difference.
    add(429, 'code' in limit ? limit.code : 'RATE_LIMITED')
  }
  return [...found.values()].sort((a, b) => a.status - b.status || a.code.localeCompare(b.code))
}
