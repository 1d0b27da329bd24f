// Generated from openapi.yaml by `npm run generate`; changes here are lost.

/** What each error code means and what to do about it. */
export interface ErrorCodes {
  /**
   * The URL of an alert channel is, or resolves to, an address of a private, local or otherwise special network. Use a
   * public address, or let the operator allow the network with OUTBOUND_ALLOW.
   */
  ALERT_URL_BLOCKED: { readonly status: 400; readonly retry: 'never' }
  /**
   * The URL of an alert channel cannot be read, or is neither http nor https. Send a full URL such as
   * https://hooks.example.com/path.
   */
  ALERT_URL_INVALID: { readonly status: 400; readonly retry: 'never' }
  /**
   * The body is truncated, corrupt, or not in the format that Content-Encoding names. Send gzip, deflate or br as
   * Content-Encoding says, or send the body as it is.
   */
  BAD_COMPRESSED_BODY: { readonly status: 400; readonly retry: 'never' }
  /** The body could not be read as JSON in UTF-8. Send one JSON value and nothing else. */
  BAD_JSON: { readonly status: 400; readonly retry: 'never' }
  /** The asked range of time ends before it begins. Swap or correct `from` and `to`. */
  BAD_TIME_RANGE: { readonly status: 400; readonly retry: 'never' }
  /**
   * A change was asked for with the session cookie from a page of another origin. Send the session as a bearer token,
   * or call from the service’s own origin.
   */
  CROSS_ORIGIN_REFUSED: { readonly status: 403; readonly retry: 'never' }
  /**
   * The first request with this key has not finished yet. Wait a moment and send the same request with the same key
   * again.
   */
  IDEMPOTENCY_IN_PROGRESS: { readonly status: 409; readonly retry: 'same-key' }
  /**
   * The key was used within the last 24 hours with another method, path or body. Use a fresh key for each new request.
   */
  IDEMPOTENCY_KEY_REPLAY_CONFLICT: { readonly status: 409; readonly retry: 'never' }
  /** The Idempotency-Key header is empty, longer than 255 characters, or not printable. Use a UUID. */
  IDEMPOTENCY_KEY_TOO_LONG: { readonly status: 400; readonly retry: 'never' }
  /** A resolved incident cannot be acknowledged or moved to another status. Leave it, or write its postmortem. */
  INCIDENT_ALREADY_RESOLVED: { readonly status: 409; readonly retry: 'never' }
  /**
   * An unexpected fault. The log holds the details under the request id. Try again; if it stays, give the operator the
   * request id.
   */
  INTERNAL: { readonly status: 500; readonly retry: 'same-key' }
  /** No account has this e-mail and password together. Try again, or ask for a password reset. */
  INVALID_CREDENTIALS: { readonly status: 401; readonly retry: 'never' }
  /**
   * The credential is malformed, unknown, expired or revoked, or its owner has left. Which, is not told. Mint a new
   * token, or sign in again.
   */
  INVALID_TOKEN: { readonly status: 401; readonly retry: 'never' }
  /** The path exists, but not with this method. The Allow header lists the methods. Use one of the methods in Allow. */
  METHOD_NOT_ALLOWED: { readonly status: 405; readonly retry: 'never' }
  /**
   * Names of monitors are unique in an organization. The message names the clash. Choose another name, or change the
   * existing monitor.
   */
  MONITOR_NAME_DUPLICATE: { readonly status: 409; readonly retry: 'never' }
  /**
   * The target is, or resolves to, an address of a private, local or otherwise special network. Use a public address,
   * or let the operator allow the network with OUTBOUND_ALLOW.
   */
  MONITOR_TARGET_UNSAFE: { readonly status: 400; readonly retry: 'never' }
  /**
   * There is no such thing, or it belongs to another organization. Check the id and the organization of the credential.
   */
  NOT_FOUND: { readonly status: 404; readonly retry: 'never' }
  /** There is no current password to change. Set one with the password reset flow. */
  PASSWORD_NOT_SET: { readonly status: 409; readonly retry: 'never' }
  /**
   * The password is on the list of common ones, or is made of the account’s own words. Choose another one; a phrase of
   * several words is best.
   */
  PASSWORD_TOO_WEAK: { readonly status: 400; readonly retry: 'never' }
  /**
   * The token, or one that it comes from, has reached its daily cap of mutations or of log bytes. Wait until 00:00 UTC
   * (Retry-After), or use a token with a higher cap.
   */
  PAT_DAILY_LIMIT_EXCEEDED: { readonly status: 429; readonly retry: 'later' }
  /**
   * The new token would have a higher daily cap or a longer life than the token that mints it. Ask for at most the caps
   * and the expiry of the minting token, or leave them out to inherit them.
   */
  PAT_GRANT_EXCEEDED: { readonly status: 403; readonly retry: 'never' }
  /**
   * The token does not carry the scope that the operation asks for. The message names it. Use or mint a token with that
   * scope.
   */
  PAT_SCOPE_INSUFFICIENT: { readonly status: 403; readonly retry: 'never' }
  /** The body, as sent or unpacked, is over the limit of the operation. Send less at once. */
  PAYLOAD_TOO_LARGE: { readonly status: 413; readonly retry: 'never' }
  /**
   * `intervalSec` is one of the allowed values but below the floor of the organization’s plan. Use at least
   * `quota.minIntervalSec` of GET /api/v1/me, or change the plan.
   */
  PLAN_INTERVAL_TOO_LOW: { readonly status: 400; readonly retry: 'never' }
  /**
   * The organization has as many monitors as its plan allows, or the request would take it beyond. Delete monitors that
   * are not needed, or change the plan.
   */
  PLAN_LIMIT_MONITORS: { readonly status: 429; readonly retry: 'never' }
  /**
   * If-Match names another version than the current one: somebody else was faster. Read it again, apply the change to
   * what you find, and send that with the new ETag.
   */
  PRECONDITION_FAILED: { readonly status: 412; readonly retry: 'never' }
  /** The rate limit of this address is used up. Wait for the seconds in Retry-After. */
  RATE_LIMITED: { readonly status: 429; readonly retry: 'later' }
  /**
   * The key is unknown or was not used for an hour, or the credential that its agent began with has ended. Which, is
   * not told. Begin anew: `POST /api/v1/regions/agents` gives another key.
   */
  REGION_KEY_INVALID: { readonly status: 401; readonly retry: 'never' }
  /**
   * Sign-up is closed, the e-mail is in use, or too many sign-ups came from this address. Which, is not told. Sign in
   * if you have an account; else try again later or ask the operator.
   */
  REGISTRATION_BLOCKED: { readonly status: 403; readonly retry: 'never' }
  /**
   * The password reset token is unknown, was used already, or is older than one hour. Ask for a new one with POST
   * /api/v1/auth/forgot-password.
   */
  RESET_TOKEN_INVALID: { readonly status: 400; readonly retry: 'never' }
  /**
   * The caller’s role in the organization is below the one that the operation asks for. Ask an owner or an admin of the
   * organization.
   */
  ROLE_INSUFFICIENT: { readonly status: 403; readonly retry: 'never' }
  /**
   * The database cannot be reached, the server is shutting down, or a queue is full. Try again after the seconds in
   * Retry-After.
   */
  SERVICE_UNAVAILABLE: { readonly status: 503; readonly retry: 'later' }
  /**
   * The operation concerns the person, so it refuses tokens. Sign in with POST /api/v1/auth/login and use the session.
   */
  SESSION_REQUIRED: { readonly status: 403; readonly retry: 'never' }
  /** The change would leave the organization without an owner. Make somebody else an owner first. */
  SOLE_OWNER: { readonly status: 409; readonly retry: 'never' }
  /** Another status page has this custom domain. Remove it there first. */
  STATUS_PAGE_DOMAIN_TAKEN: { readonly status: 409; readonly retry: 'never' }
  /** This is not the password of the status page. Ask whoever runs the page. */
  STATUS_PAGE_PASSWORD_INVALID: { readonly status: 401; readonly retry: 'never' }
  /**
   * The page is protected and the request carries no valid unlock token. Unlock it first and send the token as
   * X-Status-Page-Token or as the cookie.
   */
  STATUS_PAGE_PASSWORD_REQUIRED: { readonly status: 401; readonly retry: 'never' }
  /** Slugs of status pages are unique on the whole service. Choose another slug. */
  STATUS_PAGE_SLUG_TAKEN: { readonly status: 409; readonly retry: 'never' }
  /** The operation needs a credential and the request carries none. Send `Authorization: Bearer …`, or sign in. */
  UNAUTHORIZED: { readonly status: 401; readonly retry: 'never' }
  /**
   * Content-Type or Content-Encoding is missing or is none that the operation reads. Send `Content-Type:
   * application/json`.
   */
  UNSUPPORTED_MEDIA_TYPE: { readonly status: 415; readonly retry: 'never' }
  /**
   * The path, the query or the body does not fit the document. `fields` names each fault. Correct the named fields.
   * Unknown fields and unknown query keys count as faults.
   */
  VALIDATION_FAILED: { readonly status: 400; readonly retry: 'never' }
  /**
   * The URL has no host, is neither http nor https, or its host does not resolve. Send a full URL whose host has an
   * address.
   */
  WEBHOOK_URL_UNRESOLVABLE: { readonly status: 400; readonly retry: 'never' }
  /**
   * The URL of an event subscription is, or resolves to, an address of a private, local or special network. Use a
   * public address, or let the operator allow the network with OUTBOUND_ALLOW.
   */
  WEBHOOK_URL_UNSAFE: { readonly status: 400; readonly retry: 'never' }
}

export type ErrorCode = keyof ErrorCodes

export const errorCodes = [
  'ALERT_URL_BLOCKED',
  'ALERT_URL_INVALID',
  'BAD_COMPRESSED_BODY',
  'BAD_JSON',
  'BAD_TIME_RANGE',
  'CROSS_ORIGIN_REFUSED',
  'IDEMPOTENCY_IN_PROGRESS',
  'IDEMPOTENCY_KEY_REPLAY_CONFLICT',
  'IDEMPOTENCY_KEY_TOO_LONG',
  'INCIDENT_ALREADY_RESOLVED',
  'INTERNAL',
  'INVALID_CREDENTIALS',
  'INVALID_TOKEN',
  'METHOD_NOT_ALLOWED',
  'MONITOR_NAME_DUPLICATE',
  'MONITOR_TARGET_UNSAFE',
  'NOT_FOUND',
  'PASSWORD_NOT_SET',
  'PASSWORD_TOO_WEAK',
  'PAT_DAILY_LIMIT_EXCEEDED',
  'PAT_GRANT_EXCEEDED',
  'PAT_SCOPE_INSUFFICIENT',
  'PAYLOAD_TOO_LARGE',
  'PLAN_INTERVAL_TOO_LOW',
  'PLAN_LIMIT_MONITORS',
  'PRECONDITION_FAILED',
  'RATE_LIMITED',
  'REGION_KEY_INVALID',
  'REGISTRATION_BLOCKED',
  'RESET_TOKEN_INVALID',
  'ROLE_INSUFFICIENT',
  'SERVICE_UNAVAILABLE',
  'SESSION_REQUIRED',
  'SOLE_OWNER',
  'STATUS_PAGE_DOMAIN_TAKEN',
  'STATUS_PAGE_PASSWORD_INVALID',
  'STATUS_PAGE_PASSWORD_REQUIRED',
  'STATUS_PAGE_SLUG_TAKEN',
  'UNAUTHORIZED',
  'UNSUPPORTED_MEDIA_TYPE',
  'VALIDATION_FAILED',
  'WEBHOOK_URL_UNRESOLVABLE',
  'WEBHOOK_URL_UNSAFE',
] as const satisfies readonly ErrorCode[]

/** The codes whose request may go out again: after a pause, or only if sending it twice does it once. */
export const retryOf: { readonly [Code in ErrorCode]?: Exclude<ErrorCodes[Code]['retry'], 'never'> } = {
  IDEMPOTENCY_IN_PROGRESS: 'same-key',
  INTERNAL: 'same-key',
  PAT_DAILY_LIMIT_EXCEEDED: 'later',
  RATE_LIMITED: 'later',
  SERVICE_UNAVAILABLE: 'later',
}
