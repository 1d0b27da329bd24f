import { serve } from '@hono/node-server'
import { createApp } from './app.ts'
import { createAuditSealer, sealIntervalMs } from './audit/sealer.ts'
import { systemClock } from './clock.ts'
import { compose } from './compose.ts'
import { isForRegion } from './config/region-agent.ts'
import { type Config, helpText, readConfig, wantsHelp } from './config.ts'
import { connect, type Database } from './db/connect.ts'
import { type DataDirLock, lockDataDir } from './db/lock.ts'
import { migrate } from './db/migrate.ts'
import { closeGently } from './http/close-gently.ts'
import { withRealPort } from './http/free-port.ts'
import { startJobs } from './jobs/start.ts'
import { createLog } from './log.ts'
import { type FirstToken, firstStart } from './platform/first-start.ts'
import { choosePlans } from './platform/plans.store.ts'
import { runRegionAgent } from './region-agent.ts'
import { rotateAtStart } from './security/rotation-at-start.ts'
import type { Services } from './services.ts'
import { createDispatcher, dispatchIntervalMs } from './webhooks/dispatcher.ts'

/** The only file that reads the environment, opens sockets and starts timers. */

const useLogIntervalMs = 5000
const shutdownMs = 10_000
const maintenanceIntervalMs = 5 * 60_000

async function main(): Promise<void> {
  const argv = process.argv.slice(2)
  if (wantsHelp(argv)) {
    console.log(helpText())
    return
  }
  if (isForRegion(argv)) return runRegionAgent(process.env, argv)
  const outcome = readConfig(process.env, argv)
  if (!outcome.ok) {
    for (const fault of outcome.faults) console.error(fault)
    process.exitCode = 1
    return
  }
  await run(await withRealPort(outcome.config), outcome.warnings)
}

async function run(config: Config, warnings: readonly string[]): Promise<void> {
  const form = config.environment === 'production' || !process.stdout.isTTY ? 'json' : 'readable'
  const { log, flush } = createLog({ level: config.logLevel, form })
  for (const warning of warnings) log.warn(warning)
  const { database, lock } = await open(config)
  // It would answer 503 to everything for ever; whoever restarts processes has to be told by the end of this one.
  void database.lost.then((err) => {
    log.fatal({ err }, 'the database is lost: what it acknowledged before is on the disk, so start again')
    flush()
    process.exit(1)
  })
  const applied = await migrate(database)
  if (applied.length > 0) log.info({ applied }, 'migrated')
  const first = await firstStart(database, config, systemClock.now())
  for (const slug of await choosePlans(database.db, config.plans.chosen)) {
    log.warn({ slug }, 'ORGANIZATION_PLANS names an organization that does not exist')
  }

  const stopping = new AbortController()
  const isStopping = () => stopping.signal.aborted
  const services = await compose({ config, clock: systemClock, log, database, isStopping })
  await services.notifications?.start()
  const app = createApp(services)
  const server = serve({ fetch: app.fetch, port: config.port, hostname: config.host }, () => {
    announce(config, first)
  })
  server.on('error', (error) => {
    console.error(`cannot listen on ${config.host}:${config.port}: ${error.message}`)
    process.exit(1)
  })
  const timers = [
    setInterval(() => void flushUses(services), useLogIntervalMs),
    setInterval(() => void maintain(services), maintenanceIntervalMs),
  ]
  const dispatcher = createDispatcher(services)
  if (config.role !== 'api') {
    const sealer = createAuditSealer(services)
    timers.push(setInterval(() => void sealer.run(), sealIntervalMs))
    timers.push(setInterval(() => void dispatcher.tick(), dispatchIntervalMs))
  }
  void rotateAtStart(services)
  const jobsStarted = startJobs(services, stopping.signal)

  const stop = async (signal: string) => {
    if (isStopping()) return
    stopping.abort()
    log.info({ signal }, 'stopping')
    // Whatever hangs must not keep the process for ever; an orchestrator would kill it less gently.
    setTimeout(() => process.exit(1), shutdownMs).unref()
    for (const timer of timers) clearInterval(timer)
    await closeGently(server)
    await jobsStarted
    await services.engine.stop(shutdownMs / 4)
    await Promise.all([services.queue.stop(shutdownMs / 2), dispatcher.stop(shutdownMs / 2)])
    await flushUses(services)
    await services.requestLimits?.close()
    await services.notifications?.stop()
    await database.close()
    lock?.release()
    log.info('stopped')
    flush()
    process.exit(0)
  }
  process.on('SIGTERM', (signal) => void stop(signal))
  process.on('SIGINT', (signal) => void stop(signal))
}

async function open(config: Config): Promise<{ database: Database; lock: DataDirLock | undefined }> {
  const { url, poolSize } = config.database
  if (url !== undefined) return { database: await connect({ kind: 'postgres', url, poolSize }), lock: undefined }
  // Two processes on one embedded database would overwrite each other's rows without a word.
  const lock = lockDataDir(config.dataDir)
  return { database: await connect({ kind: 'pglite', dataDir: `${config.dataDir}/pgdata` }), lock }
}

async function flushUses({ tokenUse, sessionUse, log }: Services): Promise<void> {
  try {
    await tokenUse.flush()
    await sessionUse.flush()
  } catch (err) {
    log.warn({ err }, 'could not write when tokens were last used')
  }
}

async function maintain({ database, log }: Services): Promise<void> {
  try {
    await database.maintain()
  } catch (err) {
    log.warn({ err }, 'the upkeep of the database failed')
  }
}

/** For the person at the terminal, not for the log: the token is shown this once and must not end up in a file. */
function announce(config: Config, first: FirstToken | undefined): void {
  console.log(`Owlery is ready.\n  API reference  ${config.publicUrl}/docs`)
  if (first !== undefined) {
    console.log(
      `  First token    ${first.isGiven ? 'the one from OWLERY_BOOTSTRAP_TOKEN' : `${first.plaintext}   (shown once)`}`,
    )
  }
  if (config.mail.smtpUrl === undefined) console.log(`  Mail           ${config.dataDir}/outbox (no SMTP_URL is set)`)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
