import { setTimeout } from 'node:timers/promises'
import { systemClock } from '@owlery/server/clock.ts'
import { compose } from '@owlery/server/compose.ts'
import { readConfig } from '@owlery/server/config.ts'
import { connect } from '@owlery/server/db/connect.ts'
import { startJobs } from '@owlery/server/jobs/start.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { emit, type UptimeEvent } from '@owlery/server/uptime/events.ts'
import { createDispatcher } from '@owlery/server/webhooks/dispatcher.ts'

/**
 * Plans and sends webhooks as the server does, only sooner again after a failure. With a range of numbers it also makes
 * the events, each in a transaction of its own, and prints each number once that was committed.
 */
const [first = '1', last = '0', organization = '', ...monitors] = process.argv.slice(2)
const outcome = readConfig(process.env, [])
if (!outcome.ok) throw new Error(outcome.faults.join('\n'))
const { config } = outcome
const { url, poolSize } = config.database
const database = await connect(
  url === undefined ? { kind: 'pglite', dataDir: `${config.dataDir}/pgdata` } : { kind: 'postgres', url, poolSize },
)
// Cut connections are part of what is tried out; what comes of it is counted, not read.
const log = createLogTo(process.stderr, 'silent')
const services = await compose({ config, clock: systemClock, log, database, isStopping: () => false })
await startJobs(services, new AbortController().signal)
const options = { retryDelays: [50, 100, 200, 400], timeoutMs: 2000, leaseMs: 3000 }
const dispatcher = createDispatcher(services, options)
setInterval(() => void dispatcher.tick(), 50)
console.log('ready')

for (let number = Number(first); number <= Number(last); number += 1) {
  const event = statusChange(number)
  await untilCommitted(() => database.db.transaction().execute((tx) => emit(services.queue, tx, event)))
  process.stdout.write(`emitted ${number}\n`)
  await setTimeout(2)
}

function statusChange(number: number): UptimeEvent {
  const monitorId = Number(monitors[number % monitors.length])
  return {
    id: `change.${number}`,
    type: 'monitor.status_changed',
    organizationId: Number(organization),
    monitorId,
    incidentId: null,
    at: new Date(Date.UTC(2026, 4, 13) + number * 1000).toISOString(),
    data: { from: number % 2 === 0 ? 'up' : 'down', to: number % 2 === 0 ? 'down' : 'up' },
  }
}

/** A connection that was cut does not say whether it committed; an event that was told twice is still one. */
async function untilCommitted(commit: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await commit()
      return
    } catch {
      await setTimeout(100)
    }
  }
}
