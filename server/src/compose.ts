import { join } from 'node:path'
import type { Clock } from './clock.ts'
import { matchAddresses } from './config/addresses.ts'
import type { Config } from './config.ts'
import type { Database } from './db/connect.ts'
import { createNotifications } from './db/notifications.ts'
import { sessionSeconds } from './http/authenticate.ts'
import { createCredentialCache, followChanges } from './http/credential-cache.ts'
import { createRequestLimits } from './http/rate-limit.ts'
import { createUseLog } from './http/use-log.ts'
import type { JobHandlers } from './jobs/jobs.ts'
import { createQueue } from './jobs/queue.ts'
import { sendMailJob } from './jobs/send-mail.ts'
import { sweepJob } from './jobs/sweep.ts'
import { openCounters } from './limits/open-counters.ts'
import type { Log } from './log.ts'
import { createMailer } from './mail/mailer.ts'
import { createMetrics } from './metrics.ts'
import { createOutbound } from './outbound/client.ts'
import { createGuard } from './outbound/guard.ts'
import { markTokensUsed } from './platform/credentials.store.ts'
import { preparePasswordReset } from './platform/password-reset-job.ts'
import { markSessionsSeen } from './platform/sessions.store.ts'
import { createPasswords } from './security/passwords.ts'
import { createSecretBox } from './security/secrets.ts'
import { createSessionTokens } from './security/sessions-jwt.ts'
import type { Services } from './services.ts'
import { sendAlertJob } from './uptime/alerts.send.ts'
import { createEngine } from './uptime/engine/engine.ts'
import { createPartitions } from './uptime/engine/partitions.ts'
import { createQuota } from './uptime/engine/quota.ts'
import { consumeEvent } from './uptime/event-consumers.ts'
import { createNoteBeat } from './uptime/heartbeats.batches.ts'
import { checkRetentionJob } from './uptime/retention.ts'
import { askToConfirm } from './uptime/status-page-subscribers.ts'

const credentialLifetimeMs = 2000

export type Ground = {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly database: Database
  readonly isStopping: () => boolean
}

/** Puts the parts together. Nothing runs yet: sockets and timers are `main.ts`'s. */
export async function compose(ground: Ground): Promise<Services> {
  const { config, clock, log, database, isStopping } = ground
  const secrets = await createSecretBox(config.encryptionKeys)
  const guard = createGuard({ allow: config.outboundAllow })
  const outbound = createOutbound({ guard })
  const metrics = createMetrics(database)
  const queue = createQueue({ database, log, secrets, works: config.role !== 'api' })
  const outboxFolder = join(config.dataDir, 'outbox')
  const { url } = config.database
  const notifications = url === undefined ? undefined : createNotifications({ url, log })
  const credentials = createCredentialCache(credentialLifetimeMs, notifications)
  if (notifications !== undefined) followChanges(credentials, notifications)
  const counters = openCounters(config.redisUrl, database)
  const checkQuota = createQuota(database.db)
  const checkPartitions = createPartitions(database.db)
  return {
    config,
    clock,
    log,
    database,
    isStopping,
    secrets,
    guard,
    outbound,
    engine: createEngine({
      ...{ database, queue, guard, outbound, secrets, clock, log, metrics },
      ...{ checkQuota, checkPartitions },
    }),
    checkQuota,
    checkPartitions,
    noteBeat: createNoteBeat(database.db),
    mailer: createMailer({ smtpUrl: config.mail.smtpUrl, from: config.mail.from, outboxFolder, log, clock }),
    metrics,
    queue,
    passwords: createPasswords(),
    sessionTokens: createSessionTokens({ secret: config.jwtSecret, issuer: config.publicUrl, clock }),
    notifications,
    credentials,
    tokenUse: createUseLog((uses) => markTokensUsed(database.db, uses)),
    sessionUse: createUseLog((uses) => markSessionsSeen(database.db, uses, sessionSeconds)),
    requestLimits: createRequestLimits(config.rateLimitScale, counters && { counters, log }),
    isTrustedProxy: matchAddresses(config.trustedProxies),
    startedAt: clock.now(),
  }
}

export function jobHandlers(services: Services): JobHandlers {
  const { config, clock, log, database, mailer, checkPartitions } = services
  return {
    'mail.send': sendMailJob(mailer),
    'password-reset.mail': ({ userId }) => preparePasswordReset(services, userId),
    'status-page.subscribe': (request) => askToConfirm(services, request),
    'uptime.event': (event) => consumeEvent(services, event),
    'alert.send': sendAlertJob(services),
    sweep: sweepJob({ db: database.db, clock, log }),
    'check-retention': checkRetentionJob({
      db: database.db,
      clock,
      log,
      checkPartitions,
      retention: config.checkRetention,
    }),
  }
}
