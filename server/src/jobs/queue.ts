import { randomUUID } from 'node:crypto'
import { fromKysely, type JobWithMetadata, type KyselyTransactionLike, PgBoss } from 'pg-boss'
import type { Log } from '../log.ts'
import { redactLine } from '../log-redaction.ts'
import { Overloaded } from '../security/bounded-work.ts'
import { SealError, type SecretBox } from '../security/secrets.ts'
import { GiveUp, type JobHandlers, type JobName, type Jobs, jobKinds, jobNames } from './jobs.ts'

export type QueueDatabase = {
  readonly kind: 'pglite' | 'postgres'
  /** Without values the text may hold several statements; the rows of all of them are returned. */
  executeSql(text: string, values: unknown[]): Promise<{ rows: unknown[] }>
}

export type SendOptions = {
  /** The job exists if and only if this transaction commits. */
  readonly tx?: KyselyTransactionLike
  /** Narrows an exclusive queue's "one at a time" to one per key; without effect in a standard queue. */
  readonly singletonKey?: string
  readonly startAfter?: Date
  readonly retryLimit?: number
}

export type Queue = {
  /**
   * After this, sends work. With handlers this process also works the jobs and keeps the schedules. What fails, as with
   * a database that is away, may be tried again.
   */
  start(handlers?: JobHandlers): Promise<void>
  /** The job's id; undefined when an exclusive queue already holds such a job. */
  send<N extends JobName>(name: N, data: Jobs[N], options?: SendOptions): Promise<string | undefined>
  /** Five-field cron in UTC; a moment that no worker was up for is skipped. */
  schedule(name: JobName, cron: string): Promise<void>
  /** Lets running jobs end until the deadline; what then still runs is handed back for another attempt. */
  stop(deadlineMilliseconds: number): Promise<void>
}

/** Comes right by waiting, as every `Overloaded` does. */
export class QueueUnavailable extends Overloaded {}

const mostEarlySends = 1000
const lookIntervalSeconds = 15

export function createQueue({
  database,
  log,
  secrets,
  works,
}: {
  database: QueueDatabase
  log: Log
  secrets: SecretBox
  /** Whether this process is a worker; without, it only sends. */
  works: boolean
}): Queue {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => database.executeSql(text, values ?? []) },
    backend: database.kind,
    schema: 'jobs',
    schedule: works,
    supervise: works,
    // What a dead worker held comes back when it expires and this has looked; by default once a minute, and never in a
    // process that lives for less.
    superviseIntervalSeconds: lookIntervalSeconds,
    monitorIntervalSeconds: lookIntervalSeconds,
    // The embedded database has no autovacuum to watch, and one connection that a rebuild would hold.
    monitorVacuum: database.kind === 'postgres',
    reindex: database.kind === 'postgres',
  })
  boss.on('error', (err) => log.error({ err }, 'job queue'))
  boss.on('warning', ({ message, data }) => log.warn({ data }, `job queue: ${message}`))

  let ready = unsettled()
  const workers = new Map<JobName, string>()
  let phase: 'new' | 'starting' | 'started' | 'stopped' = 'new'
  let earlySends = 0

  const isStopped = () => phase === 'stopped'

  async function whenReady(): Promise<void> {
    if (phase === 'started') return
    if (isStopped()) throw new QueueUnavailable('the job queue has stopped')
    if (earlySends >= mostEarlySends) throw new QueueUnavailable('too many sends wait for the job queue to start')
    earlySends += 1
    try {
      await ready.promise
    } finally {
      earlySends -= 1
    }
  }

  async function run<N extends JobName>(name: N, handlers: JobHandlers, job: JobWithMetadata<unknown>): Promise<void> {
    const line = { job: name, id: job.id, attempt: job.retryCount + 1 }
    try {
      const data = unpack(name, job, secrets)
      await handlers[name](data, { id: job.id, attempt: job.retryCount + 1, signal: job.signal })
      log.debug(line, 'job done')
    } catch (error) {
      const reason = redactLine(error instanceof Error ? error.message : String(error)).slice(0, 500)
      const isLast = error instanceof GiveUp || job.retryCount >= job.retryLimit
      log[isLast ? 'error' : 'warn'](
        { ...line, reason },
        isLast ? 'job failed for good' : 'job failed, will be tried again',
      )
      // The queue stores what is thrown, so only the reason goes there, not what else an error may carry.
      if (!(error instanceof GiveUp)) throw new Error(reason)
    }
  }

  /** One at a time: of several that pg-boss starts under one id, only the first can be woken. */
  async function startWorker(name: JobName, handlers: JobHandlers): Promise<string> {
    const options = { includeMetadata: true, pollingIntervalSeconds: jobKinds[name].pollSeconds } as const
    let own: string | undefined
    own = await boss.work<unknown, void, typeof options>(name, options, async ([job]) => {
      if (job === undefined) return
      await run(name, handlers, job)
      // Where one job was, more may wait: a backlog is worked without the pauses between polls.
      if (own !== undefined) boss.notifyWorker(own)
    })
    return own
  }

  return {
    start: async (handlers) => {
      if (phase !== 'new') throw new QueueUnavailable('a job queue starts once')
      phase = 'starting'
      try {
        await boss.start()
        await settleQueues(boss)
        if (works) await indexUnfinishedEvents(database)
      } catch (error) {
        // What of it did start has timers, which a second start would leave behind.
        await boss.stop({ graceful: false, close: false })
        ready.reject(new QueueUnavailable('the job queue could not start'))
        if (!isStopped()) {
          ready = unsettled()
          phase = 'new'
        }
        throw error
      }
      if (isStopped()) throw new QueueUnavailable('the job queue has stopped')
      phase = 'started'
      ready.resolve()
      if (!works || handlers === undefined) return
      for (const name of jobNames) {
        for (let each = 0; each < jobKinds[name].atOnce; each += 1) workers.set(name, await startWorker(name, handlers))
      }
    },
    send: async (name, data, { tx, singletonKey, startAfter, retryLimit } = {}) => {
      // The transaction may hold the very connection that the start needs, so it cannot wait for it.
      if (tx !== undefined && phase !== 'started') throw new QueueUnavailable('the job queue has not started yet')
      await whenReady()
      const id = randomUUID()
      const sent = await boss.send(name, packed(name, id, data, secrets), {
        id,
        ...(tx === undefined ? {} : { db: fromKysely(tx) }),
        ...(singletonKey === undefined ? {} : { singletonKey }),
        ...(startAfter === undefined ? {} : { startAfter }),
        ...(retryLimit === undefined ? {} : { retryLimit }),
      })
      const worker = workers.get(name)
      // What a transaction sends is not there yet: its commit is not ours to see, so the next poll finds it.
      if (sent !== null && tx === undefined && worker !== undefined) boss.notifyWorker(worker)
      return sent ?? undefined
    },
    schedule: async (name, cron) => {
      await whenReady()
      const [existing] = await boss.getSchedules(name)
      // Every process says the same at its start; only a change is worth a write.
      if (existing?.cron !== cron) await boss.schedule(name, cron)
    },
    stop: async (deadlineMilliseconds) => {
      if (isStopped()) return
      phase = 'stopped'
      ready.reject(new QueueUnavailable('the job queue has stopped'))
      await boss.stop({ graceful: true, timeout: deadlineMilliseconds })
    },
  }
}

function unsettled(): PromiseWithResolvers<void> {
  const promise = Promise.withResolvers<void>()
  promise.promise.catch(() => undefined)
  return promise
}

async function settleQueues(boss: PgBoss): Promise<void> {
  const present = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]))
  for (const name of jobNames) {
    const { policy, settings } = jobKinds[name]
    const queue = present.get(name)
    if (queue === undefined) await boss.createQueue(name, { policy, ...settings })
    else if (Object.entries(settings).some(([setting, value]) => Reflect.get(queue, setting) !== value)) {
      await boss.updateQueue(name, settings)
    } else continue
    // Reads the queue into pg-boss's cache. A miss inside a transaction would wait for the transaction's own connection.
    await boss.findJobs(name, { id: randomUUID() })
  }
}

/**
 * Serves the search for earlier events of the same monitor, which otherwise reads the whole queue for each event. The
 * table is made by pg-boss at its start, so no migration can. Two workers that make it at once would fail one another.
 */
async function indexUnfinishedEvents(database: QueueDatabase): Promise<void> {
  await database.executeSql(
    `SELECT pg_advisory_xact_lock(hashtext('owlery: indexes of the queue'));
     CREATE INDEX IF NOT EXISTS unfinished_events ON jobs.job_common ((data ->> 'monitorId'))
     WHERE name = 'uptime.event' AND state <= 'active'`,
    [],
  )
}

const placeOf = (name: JobName, id: string) => `jobs.${name}:${id}`

function packed<N extends JobName>(name: N, id: string, data: Jobs[N], secrets: SecretBox): object | null {
  return jobKinds[name].sealed ? { sealed: secrets.seal(JSON.stringify(data), placeOf(name, id)) } : data
}

function unpack<N extends JobName>(name: N, job: { id: string; data: unknown }, secrets: SecretBox): Jobs[N] {
  const kind = jobKinds[name]
  const data = kind.sealed ? opened(name, job, secrets) : job.data
  if (!kind.accepts(data)) throw new GiveUp(`the payload is not one of ${name}`)
  return data
}

function opened(name: JobName, { id, data }: { id: string; data: unknown }, secrets: SecretBox): unknown {
  const envelope: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'sealed') : undefined
  if (typeof envelope !== 'string') throw new GiveUp(`the payload of ${name} is not sealed`)
  try {
    return JSON.parse(secrets.open(envelope, placeOf(name, id)))
  } catch (error) {
    // A missing key can be put back in the meantime; what was tampered with stays so.
    if (error instanceof SealError && error.fault === 'UNKNOWN_KEY') throw error
    throw new GiveUp(`the payload of ${name} cannot be opened`)
  }
}
