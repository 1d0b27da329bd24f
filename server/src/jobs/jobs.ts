import type { Queue } from 'pg-boss'
import { isMailMessage, type MailMessage } from '../mail/message.ts'
import { isUptimeEvent, type UptimeEvent } from '../uptime/events.ts'

/** `null` where no account has the address: the job runs all the same, so that nobody can time the difference. */
export type PasswordResetRequest = { readonly userId: number | null }

/** Of known addresses too, for the same reason. */
export type SubscriptionRequest = { readonly pageId: number; readonly email: string }

export type AlertToSend = { readonly deliveryId: number }

/** Every job and what it is sent with. */
export type Jobs = {
  'mail.send': MailMessage
  'password-reset.mail': PasswordResetRequest
  'status-page.subscribe': SubscriptionRequest
  'uptime.event': UptimeEvent
  'alert.send': AlertToSend
  sweep: null
  'check-retention': null
}
export type JobName = keyof Jobs

export type JobRun = { readonly id: string; readonly attempt: number; readonly signal: AbortSignal }
export type JobHandlers = { readonly [N in JobName]: (data: Jobs[N], run: JobRun) => Promise<void> }

export type JobKind<T> = {
  /** What lies in the table may come from another version of this program. */
  readonly accepts: (data: unknown) => data is T
  /** Sealed payloads are unreadable in the database and in its backups. */
  readonly sealed: boolean
  readonly pollSeconds: number
  readonly atOnce: number
  /** A queue keeps the policy it was created with: another policy needs another job name. */
  readonly policy: 'standard' | 'exclusive'
  readonly settings: Pick<
    Required<Queue>,
    | 'retryLimit'
    | 'retryDelay'
    | 'retryBackoff'
    | 'retryDelayMax'
    | 'expireInSeconds'
    | 'retentionSeconds'
    | 'deleteAfterSeconds'
  >
}

const minutes = (count: number) => count * 60
const hours = (count: number) => count * 3600

export const jobKinds: { readonly [N in JobName]: JobKind<Jobs[N]> } = {
  // Mails carry reset links. Eight retries reach over about twenty minutes, well within the life of such a link.
  'mail.send': {
    accepts: isMailMessage,
    sealed: true,
    pollSeconds: 2,
    atOnce: 2,
    policy: 'standard',
    settings: {
      retryLimit: 8,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: minutes(10),
      expireInSeconds: minutes(2),
      retentionSeconds: hours(24),
      deleteAfterSeconds: hours(1),
    },
  },
  'password-reset.mail': {
    accepts: isPasswordResetRequest,
    sealed: false,
    pollSeconds: 1,
    atOnce: 2,
    policy: 'standard',
    settings: {
      retryLimit: 5,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: minutes(1),
      expireInSeconds: minutes(1),
      retentionSeconds: hours(1),
      deleteAfterSeconds: minutes(1),
    },
  },
  'status-page.subscribe': {
    accepts: isSubscriptionRequest,
    sealed: true,
    pollSeconds: 1,
    atOnce: 2,
    policy: 'standard',
    settings: {
      retryLimit: 8,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: minutes(10),
      expireInSeconds: minutes(1),
      retentionSeconds: hours(24),
      deleteAfterSeconds: minutes(1),
    },
  },
  // What it plans is written under unique keys, so another attempt plans nothing twice.
  'uptime.event': {
    accepts: isUptimeEvent,
    sealed: false,
    pollSeconds: 1,
    atOnce: 4,
    policy: 'standard',
    settings: {
      retryLimit: 20,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: minutes(5),
      expireInSeconds: minutes(1),
      retentionSeconds: hours(72),
      deleteAfterSeconds: minutes(10),
    },
  },
  // The tries of an alert are counted in its delivery and each sends the next job; retries here are for what kept a try
  // from being made or written down. One that is lost with its process comes back when it expires.
  'alert.send': {
    accepts: isAlertToSend,
    sealed: false,
    pollSeconds: 1,
    atOnce: 8,
    policy: 'standard',
    settings: {
      retryLimit: 20,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: minutes(1),
      expireInSeconds: minutes(1),
      retentionSeconds: hours(72),
      deleteAfterSeconds: minutes(10),
    },
  },
  // Exclusive: a sweep that is late and the next one on time are one.
  sweep: {
    accepts: (data): data is null => data === null,
    sealed: false,
    pollSeconds: 30,
    atOnce: 1,
    policy: 'exclusive',
    settings: {
      retryLimit: 1,
      retryDelay: 60,
      retryBackoff: true,
      retryDelayMax: minutes(5),
      expireInSeconds: minutes(10),
      retentionSeconds: hours(1),
      deleteAfterSeconds: hours(1),
    },
  },
  // Exclusive, for the same reason: every worker asks for one at its start.
  'check-retention': {
    accepts: (data): data is null => data === null,
    sealed: false,
    pollSeconds: 30,
    atOnce: 1,
    policy: 'exclusive',
    settings: {
      retryLimit: 5,
      retryDelay: 60,
      retryBackoff: true,
      retryDelayMax: minutes(30),
      expireInSeconds: minutes(30),
      retentionSeconds: hours(12),
      deleteAfterSeconds: hours(1),
    },
  },
}

export const jobNames: readonly JobName[] = Object.keys(jobKinds).filter(isJobName)

function isJobName(name: string): name is JobName {
  return Object.hasOwn(jobKinds, name)
}

function isPasswordResetRequest(data: unknown): data is PasswordResetRequest {
  if (typeof data !== 'object' || data === null || !('userId' in data)) return false
  return data.userId === null || typeof data.userId === 'number'
}

function isSubscriptionRequest(data: unknown): data is SubscriptionRequest {
  if (typeof data !== 'object' || data === null || !('pageId' in data && 'email' in data)) return false
  return Number.isSafeInteger(data.pageId) && typeof data.email === 'string'
}

function isAlertToSend(data: unknown): data is AlertToSend {
  if (typeof data !== 'object' || data === null || !('deliveryId' in data)) return false
  return Number.isSafeInteger(data.deliveryId)
}

/** Thrown by a handler when another attempt cannot do better: the job ends here, with an error in the log. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp'
}
