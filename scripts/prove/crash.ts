import { setTimeout } from 'node:timers/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { bootstrapToken, sharedSecrets } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { judgeAlerts } from './crash-alerts.ts'
import { type Calls, createCalls } from './crash-calls.ts'
import { hurry, layGround } from './crash-ground.ts'
import { countWaiting, letTimePass } from './crash-lapse.ts'
import { createProcesses, type Processes } from './crash-processes.ts'
import { type Sinks, startSinks } from './crash-sinks.ts'
import { switchTargets, type WatchedTarget } from './crash-targets.ts'
import { judgeEvents, judgeIncidents, judgeWrites } from './crash-verdict.ts'
import { type Ledger, startWriters } from './crash-writers.ts'
import { inTemporaryFolder, type Proof } from './proof.ts'

/** Everything at once, killed at any moment; what came of it is held against what is known to have happened. */
export const crash: Proof = {
  summary: 'kill -9 of any process under load loses and doubles nothing (100 kills on each database)',
  short: 5,
  async prove(kills = 100) {
    const held = await inTemporaryFolder(async (folder) => {
      await using postgres = await startPostgres()
      return await onPostgres(postgres.url, folder, kills)
    })
    // There every kill ends everything for seconds, so the short form leaves it to the other proofs.
    if (kills < fewestOnEmbedded) return held
    const embedded = await inTemporaryFolder((folder) => onEmbedded(folder, kills))
    return held && embedded
  },
}

const fewestOnEmbedded = 20
const lapseMs = 500
const patienceMs = 3000
const settleMs = 4000
const longestForAnswerMs = 1500
const longestSettleMs = 5 * 60_000

/** Two processes that answer and two that work; one of the four is killed every few hundred milliseconds. */
async function onPostgres(url: string, folder: string, kills: number): Promise<boolean> {
  await using sinks = await startSinks()
  const ground = { DATA_DIR: folder, DATABASE_URL: url, DATABASE_POOL_SIZE: '8', ...sharedSecrets }
  const processes = createProcesses(['api', 'api', 'worker', 'worker'], { ...ground, ...envOf(sinks) })
  const database = await connect({ kind: 'postgres', url, poolSize: 2 })
  let isOver = false
  try {
    await processes.start()
    const calls = createCalls(processes)
    const load = await startLoad(calls, sinks, () => hurry(database))
    const lapsing = (async () => {
      while (!isOver) {
        await letTimePass(database, patienceMs)
        await setTimeout(lapseMs)
      }
    })()
    for (let kill = 0; kill < kills; kill += 1) {
      await setTimeout(200 + Math.random() * 600)
      if (kill % 2 === 0) await awaited(sinks)
      await processes.killOne(true)
    }
    await processes.settled()
    await load.end()
    const end = performance.now() + longestSettleMs
    while ((await countWaiting(database)) > 0 && performance.now() < end) await setTimeout(lapseMs / 2)
    isOver = true
    await lapsing
    await processes.stop('SIGTERM')
    return await judge('postgres, two of each role', kills, database, { processes, sinks, calls, ...load })
  } finally {
    isOver = true
    await processes.stop('SIGKILL')
    await database.close()
  }
}

/** Between what was sent and what is heard of it, or after a while all the same. */
async function awaited(sinks: Sinks): Promise<void> {
  const end = performance.now() + longestForAnswerMs
  while (!sinks.isAwaited() && performance.now() < end) await setTimeout(5)
}

/** One process does everything. Its database can be looked at only while nobody else has it. */
async function onEmbedded(folder: string, kills: number): Promise<boolean> {
  await using sinks = await startSinks()
  const processes = createProcesses(['all'], { DATA_DIR: folder, ...envOf(sinks) })
  const lookInto = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    const database = await connect({ kind: 'pglite', dataDir: `${folder}/pgdata` })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  }
  try {
    await processes.start()
    const calls = createCalls(processes)
    const load = await startLoad(calls, sinks, async () => {
      await processes.stop('SIGTERM')
      await lookInto(hurry)
      await processes.start()
    })
    for (let kill = 0; kill < kills; kill += 1) {
      await setTimeout(500 + Math.random() * 2500)
      await processes.killOne(false)
      await lookInto((database) => letTimePass(database, 0))
      await processes.start()
    }
    await load.end()
    const end = performance.now() + longestSettleMs
    for (let waiting = 1; waiting > 0 && performance.now() < end; ) {
      await setTimeout(settleMs)
      await processes.stop('SIGTERM')
      waiting = await lookInto(async (database) => {
        await letTimePass(database, 0)
        return countWaiting(database)
      })
      if (waiting > 0) await processes.start()
    }
    return await lookInto((database) => judge('embedded', kills, database, { processes, sinks, calls, ...load }))
  } finally {
    await processes.stop('SIGKILL')
  }
}

function envOf(sinks: Sinks) {
  return {
    OWLERY_BOOTSTRAP_TOKEN: bootstrapToken,
    OUTBOUND_ALLOW: '127.0.0.0/8',
    SMTP_URL: sinks.smtpUrl,
    PAGERDUTY_SINK: `${sinks.url}/pagerduty`,
  }
}

type Load = { readonly watched: readonly WatchedTarget[]; readonly ledger: Ledger; end(): Promise<void> }

async function startLoad(calls: Calls, sinks: Sinks, hurryNow: () => Promise<void>): Promise<Load> {
  const { watched, heartbeats } = await layGround(calls, sinks)
  await hurryNow()
  const switchboard = switchTargets(watched, calls)
  const writers = startWriters(calls, heartbeats, watched)
  const end = async () => {
    await Promise.all([writers.end(), switchboard.end()])
    sinks.recover()
  }
  return { watched, ledger: writers.ledger, end }
}

type Trial = Pick<Load, 'watched' | 'ledger'> & {
  readonly processes: Processes
  readonly sinks: Sinks
  readonly calls: Calls
}

async function judge(kind: string, kills: number, database: Database, trial: Trial): Promise<boolean> {
  const { processes, sinks, calls, watched, ledger } = trial
  const incidents = await judgeIncidents(database, watched)
  const alerts = await judgeAlerts(database, sinks)
  const waiting = await countWaiting(database)
  const faults = [
    ...(waiting > 0 ? [`${waiting} events and alerts still wait`] : []),
    ...incidents.faults,
    ...(await judgeWrites(database, ledger)),
    ...alerts.faults,
    ...(await judgeEvents(database, sinks)),
    ...calls.unexpected,
    ...processes.surprises,
  ]
  const blips = watched.reduce((sum, one) => sum + one.blips, 0)
  const writes = [ledger.updates.size, ...[ledger.acknowledged, ledger.resolved].map(sumOf), ledger.monitors.size]
  console.log(
    `${kind}: ${kills} kills, ${calls.interrupted} requests interrupted; ${incidents.periods} outages and ${blips} that ` +
      `were too short, ${incidents.incidents} incidents; acknowledged: ${writes[3]} monitors made, ${writes[0]} updates, ` +
      `${writes[1]} acknowledgements, ${writes[2]} resolutions; ${alerts.alerts} alerts, ${alerts.again} of them taken ` +
      `again; ${sinks.events.taken.size} events; ${faults.length} faults`,
  )
  for (const fault of faults.slice(0, 20)) console.log(`  ${fault}`)
  const { periods } = incidents
  const wasBusy = [periods, alerts.alerts, ledger.monitors.size, ledger.updates.size, ledger.beats.size].every(Boolean)
  return faults.length === 0 && wasBusy
}

function sumOf(counts: ReadonlyMap<number, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
