import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './db/connect.ts'
import type { Notifications } from './db/notifications.ts'
import type { CredentialCache } from './http/credential-cache.ts'
import type { RequestLimits } from './http/rate-limit.ts'
import type { UseLog } from './http/use-log.ts'
import type { Queue } from './jobs/queue.ts'
import type { Mailer } from './mail/mailer.ts'
import type { Metrics } from './metrics.ts'
import type { Outbound } from './outbound/client.ts'
import type { Guard } from './outbound/guard.ts'
import type { Passwords } from './security/passwords.ts'
import type { SecretBox } from './security/secrets.ts'
import type { SessionTokens } from './security/sessions-jwt.ts'
import type { Engine } from './uptime/engine/engine.ts'
import type { Partitions } from './uptime/engine/partitions.ts'
import type { Quota } from './uptime/engine/quota.ts'
import type { NoteBeat } from './uptime/heartbeats.batches.ts'

/** All that handlers and the pipeline stand on; `main.ts` makes the real ones. */
export type Services = {
  readonly config: Config
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly database: Database
  readonly queue: Queue
  /** Sends at once and says how it went; mail that may wait goes through the queue. */
  readonly mailer: Mailer
  /** Judges the addresses that callers name; `outbound` asks it again at every call. */
  readonly guard: Guard
  readonly outbound: Outbound
  /** Checks the monitors, in the processes that start it. */
  readonly engine: Engine
  readonly checkQuota: Quota
  readonly checkPartitions: Partitions
  /** Heartbeats that arrive together share their commits. */
  readonly noteBeat: NoteBeat
  readonly passwords: Passwords
  readonly secrets: SecretBox
  readonly sessionTokens: SessionTokens
  readonly credentials: CredentialCache
  readonly tokenUse: UseLog<number>
  readonly sessionUse: UseLog<string>
  /** How processes that share a database tell each other of changes; an embedded database has one process. */
  readonly notifications: Notifications | undefined
  readonly requestLimits: RequestLimits | undefined
  readonly isTrustedProxy: (address: string) => boolean
  readonly startedAt: Date
  /** Once it is true, `/health/ready` says no, so that balancers stop sending. */
  readonly isStopping: () => boolean
}
