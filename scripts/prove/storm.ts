import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@owlery/client'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { bootstrapToken, type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { inTemporaryFolder, type Proof, startScript } from './proof.ts'
import { startTraffic, type TrafficFigures } from './storm-traffic.ts'

const mostInShort = 500
const addresses = 10
// To each address up to five mails of one alert, then one a minute while there are more.
const mostMailsPerAddress = 10
const mostRatio = 3

/** Thousands of monitors begin to fail within a minute, and everybody hears of it once, while the API answers as before. */
export const storm: Proof = {
  summary: '5,000 monitors fail within a minute: one incident each, every alert once, mail grouped, the API as quick',
  short: 200,
  prove: (count = 5000) => inTemporaryFolder((folder) => withService(folder, (ground) => proveStorm(ground, count))),
}

type Ground = { readonly database: Database; readonly api: ServerProcess; readonly surroundings: string }

async function withService<T>(folder: string, work: (ground: Ground) => Promise<T>): Promise<T> {
  const around = startScript('storm-surroundings', [])
  await using postgres = await startPostgres()
  const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 1 })
  const servers: ServerProcess[] = []
  try {
    const port = (await around.line('http ')).slice(5)
    const env = {
      DATABASE_URL: postgres.url,
      DATA_DIR: folder,
      OWLERY_BOOTSTRAP_TOKEN: bootstrapToken,
      OUTBOUND_ALLOW: '127.0.0.0/8',
      SMTP_URL: `smtp://127.0.0.1:${(await around.line('smtp ')).slice(5)}`,
      ...sharedSecrets,
    }
    const api = await startServer({ env, arguments: ['--role', 'api'] })
    servers.push(api)
    servers.push(await startServer({ env, arguments: ['--role', 'worker'] }))
    return await work({ database, api, surroundings: `127.0.0.1:${port}` })
  } finally {
    for (const server of servers) server.signal('SIGKILL')
    await database.close()
    around.child.kill('SIGTERM')
    await around.ended
  }
}

async function proveStorm({ database, api, surroundings }: Ground, count: number): Promise<boolean> {
  const isShort = count <= mostInShort
  const ids = await createMonitors(api.url, surroundings, count)
  if (isShort) await shortenIntervals(database)
  await until(database, 'monitors that are up', count, `SELECT count(*) FROM monitor_states WHERE last_status = 'up'`)
  const traffic = startTraffic(api.url, bootstrapToken, ids)
  // The first requests compile what the others run.
  await delay(isShort ? 1000 : 10_000)
  traffic.take()
  await delay(isShort ? 2000 : 30_000)
  const idle = traffic.take()
  const started = performance.now()
  const since = () => ((performance.now() - started) / 1000).toFixed(0)
  await fetch(`http://${surroundings}/fail`, { method: 'POST' })
  await until(database, 'open incidents', count, 'SELECT count(*) FROM incidents')
  console.log(`${count} incidents were open after ${since()} s`)
  await until(database, 'alerts planned', count * 2, 'SELECT count(*) FROM incident_deliveries')
  await until(
    database,
    'alerts sent by webhook',
    count,
    `SELECT count(*) FROM incident_deliveries WHERE channel = 'webhook' AND status = 'sent'`,
  )
  await until(database, 'events delivered', count, `SELECT count(*) FROM webhook_deliveries WHERE status = 'delivered'`)
  const during = traffic.take()
  console.log(`everybody who has a webhook was told after ${since()} s`)
  await traffic.stop()
  const hurry = isShort ? () => hurryMails(database) : undefined
  await until(
    database,
    'alerts sent',
    count * 2,
    `SELECT count(*) FROM incident_deliveries WHERE status = 'sent'`,
    hurry,
  )
  console.log(`everybody was told after ${since()} s`)
  const isQuick = judgeTraffic(idle, during)
  return (await judgeAlerts(database, surroundings, count)) && (isShort || isQuick)
}

async function createMonitors(url: string, surroundings: string, count: number): Promise<number[]> {
  const { uptime } = createClient({ baseUrl: url, token: bootstrapToken })
  const port = surroundings.split(':')[1]
  await uptime.webhookSubscriptions.create({ url: `http://${surroundings}/events`, eventTypes: ['incident.opened'] })
  const ids: number[] = []
  while (ids.length < count) {
    const { monitors } = await uptime.monitors.bulkCreate({
      monitors: Array.from({ length: Math.min(100, count - ids.length) }, (_, index) => {
        const number = ids.length + index
        return {
          name: `monitor ${number}`,
          url: `http://127.${1 + Math.floor(number / 200)}.${number % 200}.1:${port}/target`,
          type: 'http' as const,
          intervalSec: 60 as const,
          alertEmail: `team-${number % addresses}@example.org`,
          alertWebhookUrl: `http://${surroundings}/alerts`,
        }
      }),
    })
    ids.push(...monitors.map(({ id }) => id))
  }
  return ids
}

/** The short form has seconds where the other has a minute, which only the database allows. */
async function shortenIntervals(database: Database): Promise<void> {
  await database.executeSql('UPDATE monitors SET interval_sec = 3')
  await database.executeSql(
    `UPDATE monitor_states SET next_check_at = date_trunc('milliseconds', now() + random() * interval '3 seconds')`,
  )
}

/** Nor does it wait for the pauses between mails to one address. All that is to be sent is there by then. */
async function hurryMails(database: Database): Promise<void> {
  await database.executeSql(
    `UPDATE incident_deliveries SET grouped_at = grouped_at - interval '1 minute'
    WHERE grouped_at > now() - interval '1 minute' AND status = 'sent'`,
  )
  await database.executeSql(
    `UPDATE jobs.job SET start_after = now() WHERE name = 'alert.send' AND state < 'active' AND start_after > now()`,
  )
}

const mostWaitMs = 10 * 60_000

async function until(
  database: Database,
  what: string,
  wanted: number,
  statement: string,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  const end = performance.now() + mostWaitMs
  for (;;) {
    await meanwhile()
    const { rows } = await database.executeSql(statement)
    const there = Number(rows[0]?.['count'])
    if (there >= wanted) return
    if (performance.now() > end) throw new Error(`${there} of ${wanted} ${what} after ${mostWaitMs / 1000} s`)
    await delay(250)
  }
}

function judgeTraffic(idle: TrafficFigures, during: TrafficFigures): boolean {
  const ratio = during.p99 / idle.p99
  const shown = ({ p50, p99, requests }: TrafficFigures) =>
    `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${requests} requests)`
  console.log(`API idle: ${shown(idle)}; in the storm: ${shown(during)}; p99 by ${ratio.toFixed(2)}`)
  console.log(`${idle.failed + during.failed} requests failed`)
  return ratio < mostRatio && idle.failed + during.failed === 0
}

async function judgeAlerts(database: Database, surroundings: string, count: number): Promise<boolean> {
  const { rows } = await database.executeSql(
    `SELECT count(*) AS incidents, count(DISTINCT monitor_id) AS monitors,
      (SELECT count(*) FROM incident_deliveries) AS planned, (SELECT sum(attempts) FROM incident_deliveries) AS tries,
      (SELECT count(*) FROM webhook_deliveries) AS events
    FROM incidents`,
  )
  const figure = (name: string) => Number(rows[0]?.[name])
  const report: unknown = await (await fetch(`http://${surroundings}/report`)).json()
  const seen = (name: string) => Number(typeof report === 'object' && report !== null ? Reflect.get(report, name) : NaN)
  console.log(
    `${figure('incidents')} incidents of ${figure('monitors')} monitors, ${figure('planned')} alerts in ` +
      `${figure('tries')} tries; received: ${seen('alerts')} by webhook and ${seen('alertsAgain')} again, ` +
      `${seen('events')} events and ${seen('eventsAgain')} again, ${seen('mailed')} in ${seen('mails')} mails`,
  )
  const isOnce = figure('incidents') === count && figure('monitors') === count && figure('planned') === count * 2
  const isToldOnce = figure('tries') === count * 2 && seen('alerts') === count && seen('alertsAgain') === 0
  const isPassedOnOnce = figure('events') === count && seen('events') === count && seen('eventsAgain') === 0
  return (
    isOnce &&
    isToldOnce &&
    isPassedOnOnce &&
    seen('mailed') === count &&
    seen('mails') <= addresses * mostMailsPerAddress
  )
}
