import { isOurOwn } from './own-failures.ts'

const texts = {
  invalid_url: 'the URL cannot be used',
  invalid_request: 'the request cannot be sent: a header or the body is malformed',
  refused: 'the address belongs to a private or special network, which is not called from here',
  name_not_found: 'the host name has no address',
  lookup_failed: 'the name servers did not answer',
  connection_refused: 'the connection was refused',
  unreachable: 'the network or the host cannot be reached',
  connection_lost: 'the connection was closed before the answer was complete',
  timeout: 'no complete answer within the time limit',
  tls_failed: 'the TLS connection failed',
  bad_response: 'the answer is no valid HTTP, or its headers are too large',
  too_many_bytes: 'the answer is larger than allowed',
  redirect_refused: 'the server redirects, which is not followed here',
  redirect_invalid: 'the server redirects to something that is no http or https URL',
  too_many_redirects: 'the server redirects too many times',
} as const satisfies Readonly<Record<string, string>>

/** Stored with checks and deliveries and shown to people: only ever added, never reworded. */
export type FailureReason = keyof typeof texts

export type Failure = {
  readonly ok: false
  readonly reason: FailureReason
  readonly error: string
  /** What the server had said by then, if anything. */
  readonly status?: number
  /** Why this machine could not call anybody, so that it says nothing about the other side. */
  readonly ownCode?: string
}

type Circumstances = { readonly detail?: string } & Pick<Failure, 'status' | 'ownCode'>

export function failure(reason: FailureReason, { detail, ...more }: Circumstances = {}): Failure {
  const error = detail === undefined ? texts[reason] : `${texts[reason]} (${detail})`
  return { ok: false, reason, error, ...more }
}

export type Phase = 'connecting' | 'handshake' | 'request'

/** Only codes are quoted: the messages of Node name addresses. */
export function failureOf(error: unknown, phase: Phase): Failure {
  const code = codeOf(mostTelling(error))
  if (phase === 'handshake') return failure('tls_failed', code === undefined ? {} : { detail: code })
  if (code === 'ECONNREFUSED') return failure('connection_refused')
  if (code === 'ETIMEDOUT') return failure('timeout')
  if (code?.startsWith('HPE_')) return failure('bad_response', { detail: code })
  // A reset may overtake the news that the connection was made.
  if (code === 'ECONNRESET') return failure('connection_lost')
  if (phase !== 'connecting') return failure('connection_lost')
  return failure('unreachable', isOurOwn(code) ? { ownCode: code } : {})
}

/** Of several addresses: what one of them answered, before a network that this machine has no way into. */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error
  const attempts: readonly unknown[] = error.errors
  return attempts.find((attempt) => !isOurOwn(codeOf(attempt))) ?? error
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
