import type { ErrorCode } from './errors.ts'
import type { RequiredScope } from './scopes.ts'

/** From the least to the most. A record names the least role that may call. */
export const roles = ['viewer', 'member', 'admin', 'owner'] as const
export type Role = (typeof roles)[number]

export function rolesFrom(least: Role): Role[] {
  return roles.slice(roles.indexOf(least)).reverse()
}

export type CredentialKind = 'token' | 'session'

/** Who may call an operation. `public` asks for nothing and ignores credentials. */
export type Access =
  | { readonly kind: 'public' }
  | {
      readonly kind: 'credential'
      readonly credentials: readonly CredentialKind[]
      readonly scope: RequiredScope | null
      readonly role: Role
      /** The path parameter that names a token: a token passes the scope check when it names itself. */
      readonly ownToken?: string
    }

export const anyone = { kind: 'public' } as const

/** A token that carries `scope` or a session, of somebody with at least `role`. */
export function caller<const C extends { scope: RequiredScope | null; role: Role; ownToken?: string }>(required: C) {
  return { kind: 'credential', credentials: ['token', 'session'], ...required } as const
}

/** A signed-in person: what concerns the person is not for tokens. */
export function person<const R extends Role>(role: R) {
  return { kind: 'credential', credentials: ['session'], scope: null, role } as const
}

/** Buckets per client address. Counters are shared between processes where the deployment has more than one. */
export type Limit = { readonly points: number; readonly seconds: number; readonly code?: ErrorCode }

export const limits = {
  api: { points: 100, seconds: 60 },
  register: { points: 5, seconds: 600, code: 'REGISTRATION_BLOCKED' },
  login: { points: 10, seconds: 60 },
  'password-reset': { points: 5, seconds: 600 },
  heartbeat: { points: 60, seconds: 60 },
  // An agent asks every few seconds, and again at once while much is due; several may share an address.
  'region-agent': { points: 600, seconds: 60 },
  'status-page-unlock': { points: 10, seconds: 60 },
  'status-page-subscribe': { points: 5, seconds: 600 },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof limits

/** Token buckets per credential: `capacity` requests at once, `perSecond` more as time goes by. */
export type IdentityLimit = { readonly capacity: number; readonly perSecond: number }

export const identityLimits = {
  requests: { capacity: 100, perSecond: 10 },
} as const satisfies Record<string, IdentityLimit>

export type IdentityLimitName = keyof typeof identityLimits

/** What the audit log can say. */
export const auditActions = {
  REGISTER: 'An account and its organization were created.',
  LOGIN: 'Somebody signed in.',
  LOGIN_FAILED: 'Somebody tried to sign in with a wrong password.',
  REQUEST_PASSWORD_RESET: 'A password reset was asked for.',
  RESET_PASSWORD: 'A password was set with a reset link.',
  CHANGE_PASSWORD: 'A password was changed.',
  FIRST_START: 'The service created its first organization and owner.',
  CREATE_TOKEN: 'A token was minted.',
  REVOKE_TOKEN: 'A token was revoked.',
  UPDATE_MEMBER_ROLE: 'A member got another role.',
  READ_WEBHOOK_SECRET: 'Somebody read the secret that signs webhooks.',
  ROTATE_WEBHOOK_SECRET: 'The secret that signs webhooks was replaced.',
  EXPORT_AUDIT_LOG: 'Somebody downloaded the audit log.',
  CREATE_MONITOR: 'A monitor was created.',
  UPDATE_MONITOR: 'A monitor was changed.',
  DELETE_MONITOR: 'A monitor was deleted.',
  READ_MONITOR_SECRETS: 'Somebody read the secrets of a monitor.',
  START_REGION_AGENT: 'An agent began to check monitors from another region, and to be given their headers.',
  SEND_TEST_ALERT: 'A test alert was sent.',
  ROTATE_HEARTBEAT_TOKEN: 'A heartbeat got a new URL.',
  CREATE_INCIDENT_UPDATE: 'An update was posted to an incident.',
  ACKNOWLEDGE_INCIDENT: 'An incident was acknowledged.',
  RESOLVE_INCIDENT: 'An incident was resolved by hand.',
  UPDATE_INCIDENT_POSTMORTEM: 'The postmortem of an incident was written.',
  CREATE_MAINTENANCE_WINDOW: 'A maintenance window was scheduled.',
  DELETE_MAINTENANCE_WINDOW: 'A maintenance window was cancelled.',
  CREATE_STATUS_PAGE: 'A status page was created.',
  UPDATE_STATUS_PAGE: 'A status page was changed.',
  DELETE_STATUS_PAGE: 'A status page was deleted.',
  SET_STATUS_PAGE_PASSWORD: 'A status page got a password.',
  CLEAR_STATUS_PAGE_PASSWORD: 'A status page lost its password.',
  CREATE_STATUS_PAGE_COMPONENT: 'A monitor was put on a status page.',
  DELETE_STATUS_PAGE_COMPONENT: 'A monitor was taken off a status page.',
  DELETE_STATUS_PAGE_SUBSCRIBER: 'A subscriber was taken off a status page.',
  CREATE_WEBHOOK_SUBSCRIPTION: 'A webhook subscription was created.',
  UPDATE_WEBHOOK_SUBSCRIPTION: 'A webhook subscription was changed.',
  DELETE_WEBHOOK_SUBSCRIPTION: 'A webhook subscription was deleted.',
} as const

export type AuditAction = keyof typeof auditActions
