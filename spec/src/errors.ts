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

export const errors = {
  VALIDATION_FAILED: {
    status: 400,
    message: 'The request is not valid',
    meaning: 'The path, the query or the body does not fit the document. `fields` names each fault.',
    remedy: 'Correct the named fields. Unknown fields and unknown query keys count as faults.',
    retry: 'never',
  },
  BAD_JSON: {
    status: 400,
    message: 'The body is not valid JSON',
    meaning: 'The body could not be read as JSON in UTF-8.',
    remedy: 'Send one JSON value and nothing else.',
    retry: 'never',
  },
  BAD_COMPRESSED_BODY: {
    status: 400,
    message: 'The compressed body could not be unpacked',
    meaning: 'The body is truncated, corrupt, or not in the format that Content-Encoding names.',
    remedy: 'Send gzip, deflate or br as Content-Encoding says, or send the body as it is.',
    retry: 'never',
  },
  IDEMPOTENCY_KEY_TOO_LONG: {
    status: 400,
    message: 'The Idempotency-Key must be 1 to 255 printable characters',
    meaning: 'The Idempotency-Key header is empty, longer than 255 characters, or not printable.',
    remedy: 'Use a UUID.',
    retry: 'never',
  },
  PLAN_INTERVAL_TOO_LOW: {
    status: 400,
    message: 'The plan does not allow an interval this short',
    meaning: '`intervalSec` is one of the allowed values but below the floor of the organization’s plan.',
    remedy: 'Use at least `quota.minIntervalSec` of GET /api/v1/me, or change the plan.',
    retry: 'never',
  },
  MONITOR_TARGET_UNSAFE: {
    status: 400,
    message: 'This target must not be monitored from here',
    meaning: 'The target is, or resolves to, an address of a private, local or otherwise special network.',
    remedy: 'Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.',
    retry: 'never',
  },
  ALERT_URL_BLOCKED: {
    status: 400,
    message: 'This alert URL must not be called from here',
    meaning:
      'The URL of an alert channel is, or resolves to, an address of a private, local or otherwise special network.',
    remedy: 'Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.',
    retry: 'never',
  },
  ALERT_URL_INVALID: {
    status: 400,
    message: 'This alert URL is not a usable http(s) address',
    meaning: 'The URL of an alert channel cannot be read, or is neither http nor https.',
    remedy: 'Send a full URL such as https://hooks.example.com/path.',
    retry: 'never',
  },
  BAD_TIME_RANGE: {
    status: 400,
    message: '`from` must not be after `to`',
    meaning: 'The asked range of time ends before it begins.',
    remedy: 'Swap or correct `from` and `to`.',
    retry: 'never',
  },
  RESET_TOKEN_INVALID: {
    status: 400,
    message: 'This reset link is not valid any more',
    meaning: 'The password reset token is unknown, was used already, or is older than one hour.',
    remedy: 'Ask for a new one with POST /api/v1/auth/forgot-password.',
    retry: 'never',
  },
  PASSWORD_TOO_WEAK: {
    status: 400,
    message: 'This password is too easy to guess',
    meaning: 'The password is on the list of common ones, or is made of the account’s own words.',
    remedy: 'Choose another one; a phrase of several words is best.',
    retry: 'never',
  },
  WEBHOOK_URL_UNSAFE: {
    status: 400,
    message: 'This webhook URL must not be called from here',
    meaning: 'The URL of an event subscription is, or resolves to, an address of a private, local or special network.',
    remedy: 'Use a public address, or let the operator allow the network with OUTBOUND_ALLOW.',
    retry: 'never',
  },
  WEBHOOK_URL_UNRESOLVABLE: {
    status: 400,
    message: 'This webhook URL leads nowhere',
    meaning: 'The URL has no host, is neither http nor https, or its host does not resolve.',
    remedy: 'Send a full URL whose host has an address.',
    retry: 'never',
  },
  UNAUTHORIZED: {
    status: 401,
    message: 'Unauthorized',
    meaning: 'The operation needs a credential and the request carries none.',
    remedy: 'Send `Authorization: Bearer …`, or sign in.',
    retry: 'never',
  },
  REGION_KEY_INVALID: {
    status: 401,
    message: 'Invalid key of a region’s agent',
    meaning:
      'The key is unknown or was not used for an hour, or the credential that its agent began with has ended. Which, is not told.',
    remedy: 'Begin anew: `POST /api/v1/regions/agents` gives another key.',
    retry: 'never',
  },
  INVALID_TOKEN: {
    status: 401,
    message: 'Invalid token',
    meaning: 'The credential is malformed, unknown, expired or revoked, or its owner has left. Which, is not told.',
    remedy: 'Mint a new token, or sign in again.',
    retry: 'never',
  },
  INVALID_CREDENTIALS: {
    status: 401,
    message: 'Wrong e-mail or password',
    meaning: 'No account has this e-mail and password together.',
    remedy: 'Try again, or ask for a password reset.',
    retry: 'never',
  },
  STATUS_PAGE_PASSWORD_REQUIRED: {
    status: 401,
    message: 'This status page needs a password',
    meaning: 'The page is protected and the request carries no valid unlock token.',
    remedy: 'Unlock it first and send the token as X-Status-Page-Token or as the cookie.',
    retry: 'never',
  },
  STATUS_PAGE_PASSWORD_INVALID: {
    status: 401,
    message: 'Wrong password',
    meaning: 'This is not the password of the status page.',
    remedy: 'Ask whoever runs the page.',
    retry: 'never',
  },
  PAT_SCOPE_INSUFFICIENT: {
    status: 403,
    message: 'The token lacks a scope',
    meaning: 'The token does not carry the scope that the operation asks for. The message names it.',
    remedy: 'Use or mint a token with that scope.',
    retry: 'never',
  },
  PAT_GRANT_EXCEEDED: {
    status: 403,
    message: 'A token cannot grant more than it has',
    meaning: 'The new token would have a higher daily cap or a longer life than the token that mints it.',
    remedy: 'Ask for at most the caps and the expiry of the minting token, or leave them out to inherit them.',
    retry: 'never',
  },
  ROLE_INSUFFICIENT: {
    status: 403,
    message: 'Your role does not allow this',
    meaning: 'The caller’s role in the organization is below the one that the operation asks for.',
    remedy: 'Ask an owner or an admin of the organization.',
    retry: 'never',
  },
  SESSION_REQUIRED: {
    status: 403,
    message: 'This needs a signed-in session, not a token',
    meaning: 'The operation concerns the person, so it refuses tokens.',
    remedy: 'Sign in with POST /api/v1/auth/login and use the session.',
    retry: 'never',
  },
  CROSS_ORIGIN_REFUSED: {
    status: 403,
    message: 'This request did not come from this site',
    meaning: 'A change was asked for with the session cookie from a page of another origin.',
    remedy: 'Send the session as a bearer token, or call from the service’s own origin.',
    retry: 'never',
  },
  REGISTRATION_BLOCKED: {
    status: 403,
    message: 'This registration is not possible',
    meaning:
      'Sign-up is closed, the e-mail is in use, or too many sign-ups came from this address. Which, is not told.',
    remedy: 'Sign in if you have an account; else try again later or ask the operator.',
    retry: 'never',
  },
  NOT_FOUND: {
    status: 404,
    message: 'Not found',
    meaning: 'There is no such thing, or it belongs to another organization.',
    remedy: 'Check the id and the organization of the credential.',
    retry: 'never',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: 'Method not allowed',
    meaning: 'The path exists, but not with this method. The Allow header lists the methods.',
    remedy: 'Use one of the methods in Allow.',
    retry: 'never',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    status: 409,
    message: 'A request with this Idempotency-Key is still running',
    meaning: 'The first request with this key has not finished yet.',
    remedy: 'Wait a moment and send the same request with the same key again.',
    retry: 'same-key',
  },
  IDEMPOTENCY_KEY_REPLAY_CONFLICT: {
    status: 409,
    message: 'This Idempotency-Key was used for another request',
    meaning: 'The key was used within the last 24 hours with another method, path or body.',
    remedy: 'Use a fresh key for each new request.',
    retry: 'never',
  },
  MONITOR_NAME_DUPLICATE: {
    status: 409,
    message: 'A monitor with this name exists already',
    meaning: 'Names of monitors are unique in an organization. The message names the clash.',
    remedy: 'Choose another name, or change the existing monitor.',
    retry: 'never',
  },
  INCIDENT_ALREADY_RESOLVED: {
    status: 409,
    message: 'The incident is resolved already',
    meaning: 'A resolved incident cannot be acknowledged or moved to another status.',
    remedy: 'Leave it, or write its postmortem.',
    retry: 'never',
  },
  STATUS_PAGE_SLUG_TAKEN: {
    status: 409,
    message: 'This slug is in use',
    meaning: 'Slugs of status pages are unique on the whole service.',
    remedy: 'Choose another slug.',
    retry: 'never',
  },
  STATUS_PAGE_DOMAIN_TAKEN: {
    status: 409,
    message: 'This domain is in use',
    meaning: 'Another status page has this custom domain.',
    remedy: 'Remove it there first.',
    retry: 'never',
  },
  SOLE_OWNER: {
    status: 409,
    message: 'The only owner cannot step down',
    meaning: 'The change would leave the organization without an owner.',
    remedy: 'Make somebody else an owner first.',
    retry: 'never',
  },
  PASSWORD_NOT_SET: {
    status: 409,
    message: 'This account has no password yet',
    meaning: 'There is no current password to change.',
    remedy: 'Set one with the password reset flow.',
    retry: 'never',
  },
  PRECONDITION_FAILED: {
    status: 412,
    message: 'It has changed since you read it',
    meaning: 'If-Match names another version than the current one: somebody else was faster.',
    remedy: 'Read it again, apply the change to what you find, and send that with the new ETag.',
    retry: 'never',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    message: 'The body is too large',
    meaning: 'The body, as sent or unpacked, is over the limit of the operation.',
    remedy: 'Send less at once.',
    retry: 'never',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: 'The body must be application/json',
    meaning: 'Content-Type or Content-Encoding is missing or is none that the operation reads.',
    remedy: 'Send `Content-Type: application/json`.',
    retry: 'never',
  },
  RATE_LIMITED: {
    status: 429,
    message: 'Too many requests',
    meaning: 'The rate limit of this address is used up.',
    remedy: 'Wait for the seconds in Retry-After.',
    retry: 'later',
  },
  PLAN_LIMIT_MONITORS: {
    status: 429,
    message: 'The plan does not allow more monitors',
    meaning: 'The organization has as many monitors as its plan allows, or the request would take it beyond.',
    remedy: 'Delete monitors that are not needed, or change the plan.',
    retry: 'never',
  },
  PAT_DAILY_LIMIT_EXCEEDED: {
    status: 429,
    message: 'The daily limit of this token is used up',
    meaning: 'The token has reached its daily cap of mutations or of log bytes.',
    remedy: 'Wait until 00:00 UTC (Retry-After), or use a token with a higher cap.',
    retry: 'later',
  },
  INTERNAL: {
    status: 500,
    message: 'Something went wrong on our side',
    meaning: 'An unexpected fault. The log holds the details under the request id.',
    remedy: 'Try again; if it stays, give the operator the request id.',
    retry: 'same-key',
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    message: 'The service is not available right now',
    meaning: 'The database cannot be reached, the server is shutting down, or a queue is full.',
    remedy: 'Try again after the seconds in Retry-After.',
    retry: 'later',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errors
export const errorCodes = Object.keys(errors).sort().filter(isErrorCode)

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errors, text)
}
