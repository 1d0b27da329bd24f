import { Gauge, type Registry } from 'prom-client'
import type { Database } from './db/connect.ts'
import { within } from './db/within.ts'

const timeoutMs = 1000
/** What is counted anew at each reading is counted no further than this. */
const mostCounted = 10_000

/** What waits in the database for any process to take it up. Nothing is said of it while the database is away. */
export function registerQueueMetrics(database: Database, registers: Registry[]): void {
  registerGauge(database, registers, {
    name: 'owlery_jobs_waiting',
    help: 'Jobs that wait or are worked on, by job, as the queue counted them last (once a minute); the same in every process.',
    label: 'job',
    statement: 'SELECT name AS label, queued_count + active_count AS waiting FROM jobs.queue',
  })
  registerGauge(database, registers, {
    name: 'owlery_webhook_deliveries_waiting',
    help: `Deliveries to webhook subscriptions that have not ended, up to ${mostCounted}; the same in every process.`,
    label: undefined,
    statement: `SELECT count(*) AS waiting FROM (
      SELECT FROM webhook_deliveries WHERE status IN ('pending', 'failed') LIMIT ${mostCounted}) AS unfinished`,
  })
}

type QueueGauge = {
  readonly name: string
  readonly help: string
  readonly label: string | undefined
  readonly statement: string
}

function registerGauge(database: Database, registers: Registry[], { name, help, label, statement }: QueueGauge): void {
  new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers,
    async collect() {
      // Where nothing is known, nothing is shown; `reset` would leave a zero if there is no label.
      if (label === undefined) this.remove()
      else this.reset()
      const late = () => new Error('the database did not answer in time')
      const read = within(timeoutMs, database.executeSql(statement), late)
      const { rows } = await read.catch(() => ({ rows: [] }))
      for (const row of rows) {
        if (label === undefined) this.set(Number(row['waiting']))
        else this.set({ [label]: String(row['label']) }, Number(row['waiting']))
      }
    },
  })
}
