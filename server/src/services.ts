import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Database } from './db/connect.ts'
import type { CredentialCache } from './http/credential-cache.ts'
import type { AddressLimits } from './http/rate-limit.ts'
import type { UseLog } from './http/use-log.ts'
import type { Queue } from './jobs/queue.ts'
import type { Metrics } from './metrics.ts'
import type { Passwords } from './security/passwords.ts'
import type { SecretBox } from './security/secrets.ts'
import type { SessionTokens } from './security/sessions-jwt.ts'

/** All that handlers and the pipeline stand on; `main.ts` makes the real ones. */
export type Services = {
  readonly config: Config
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly database: Database
  readonly queue: Queue
  readonly passwords: Passwords
  readonly secrets: SecretBox
  readonly sessionTokens: SessionTokens
  readonly credentials: CredentialCache
  readonly tokenUse: UseLog<number>
  readonly sessionUse: UseLog<string>
  readonly addressLimits: AddressLimits | undefined
  readonly isTrustedProxy: (address: string) => boolean
  readonly startedAt: Date
  /** Once it is true, `/health/ready` says no, so that balancers stop sending. */
  readonly isStopping: () => boolean
}
