import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { bootstrapToken, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { inTemporaryFolder, type Proof } from './proof.ts'
import { startReceiver } from './webhook-receiver.ts'

/** Events on their way to a receiver that fails now and then, while the workers are killed. */
export const webhooks: Proof = {
  summary: 'kill -9 of webhook workers loses no event and no order (1,000 events and 3 kills on each database)',
  short: 60,
  async prove(runs = 1000) {
    const embedded = await inTemporaryFolder((folder) =>
      tryOut('embedded', runs, 1, { DATA_DIR: folder }, () => connect({ kind: 'pglite', dataDir: `${folder}/pgdata` })),
    )
    await using postgres = await startPostgres()
    const { url } = postgres
    const open = () => connect({ kind: 'postgres', url, poolSize: 1 })
    const cut = () => cutConnections(open)
    const shared = await inTemporaryFolder((folder) =>
      tryOut('postgres, two workers', runs, 2, { DATA_DIR: folder, DATABASE_URL: url }, open, cut),
    )
    return embedded && shared
  },
}

const kills = 3
const monitorCount = 10
// An event whose planning was killed is taken up again when its job expires, after two minutes.
const longestWaitMs = 15 * 60_000

type Env = Readonly<Record<string, string>>

async function tryOut(
  kind: string,
  events: number,
  workers: number,
  ground: Env,
  open: () => Promise<Database>,
  cut?: () => Promise<void>,
) {
  const env = { ...ground, ...sharedSecrets, OUTBOUND_ALLOW: '127.0.0.1' }
  await using receiver = await startReceiver()
  const place = await prepare(env, `${receiver.url}/events`)
  const started = performance.now()
  let emitted = 0
  const start = (isEmitter: boolean) => {
    const range = isEmitter ? [emitted + 1, events] : [1, 0]
    return startWorker(env, [...range, place.organizationId, ...place.monitorIds].map(String), (number) => {
      emitted = number
    })
  }
  const running = Array.from({ length: workers }, (_, index) => start(index === 0))
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      await until(() => receiver.accepted.size >= (events * kill) / (kills + 1))
      const victim = kill % workers
      if (kill === 2) await cut?.()
      await running[victim]?.kill()
      running[victim] = start(victim === 0)
    }
    await until(() => receiver.accepted.size >= events && emitted >= events)
    // Whatever would arrive a second time, or be recorded yet, has its time to do so.
    await setTimeout(4000)
  } finally {
    await Promise.all(running.map((worker) => worker.kill()))
  }
  const seconds = Math.round((performance.now() - started) / 1000)
  const left = await countUnfinished(open)
  const { accepted, attempts, failures, again, strayIds } = receiver
  const disorder = countDisorder([...accepted.keys()], place.monitorIds.length)
  console.log(
    `${kind}: ${accepted.size}/${events} events arrived in ${seconds} s with ${kills} kills${cut ? ' and all connections to the database cut once' : ''}; ${attempts} attempts, ` +
      `${failures} failed by the receiver, ${again} sent again after it had taken them; ${strayIds} with another ` +
      `webhook-id, ${disorder} out of order, ${left} not recorded as delivered`,
  )
  return accepted.size === events && strayIds === 0 && disorder === 0 && left === 0
}

/** Of what arrived first: events of one monitor whose number is not above the one before. */
function countDisorder(ids: readonly string[], monitors: number): number {
  const latest = new Map<number, number>()
  let disorder = 0
  for (const id of ids) {
    const number = Number(id.split('.')[1])
    const monitor = number % monitors
    if (number <= (latest.get(monitor) ?? 0)) disorder += 1
    latest.set(monitor, number)
  }
  return disorder
}

/** An organization with monitors and a subscription, made through the API of a real server. */
async function prepare(env: Env, url: string) {
  const server = await startServer({ env: { ...env, OWLERY_BOOTSTRAP_TOKEN: bootstrapToken } })
  const create = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bootstrapToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (response.status !== 201) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.json()
  }
  const monitors: unknown[] = []
  for (let each = 0; each < monitorCount; each += 1) {
    const body = { name: `monitor ${each}`, url: 'https://1.1.1.1/', type: 'https', paused: true }
    monitors.push(await create('/monitors', body))
  }
  await create('/webhook-subscriptions', { url, eventTypes: [] })
  server.signal('SIGTERM')
  await server.ended
  return { organizationId: field(monitors[0], 'organizationId'), monitorIds: monitors.map((one) => field(one, 'id')) }
}

function field(value: unknown, name: string): number {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  if (typeof found !== 'number') throw new Error(`the answer has no ${name}`)
  return found
}

type Worker = { kill(): Promise<void> }

function startWorker(env: Env, values: readonly string[], onEmitted: (number: number) => void): Worker {
  const script = fileURLToPath(new URL('webhook-worker.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [script, ...values], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let killed = false
  const ended = new Promise<void>((resolve, reject) => {
    // All of the output has been read when this happens.
    child.once('close', (code) => (killed ? resolve() : reject(new Error(`a worker ended by itself: ${code}`))))
  })
  ended.catch(() => undefined)
  if (child.stdout !== null) {
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('emitted ')) onEmitted(Number(line.slice(8)))
    })
  }
  return {
    kill: async () => {
      killed = true
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + longestWaitMs
  while (!isTrue() && performance.now() < end) await setTimeout(20)
}

/** To the workers this is a restart of the database. */
async function cutConnections(open: () => Promise<Database>): Promise<void> {
  const database = await open()
  try {
    await database.executeSql(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`)
  } finally {
    await database.close()
  }
}

async function countUnfinished(open: () => Promise<Database>): Promise<number> {
  const database = await open()
  try {
    const { rows } = await database.executeSql(
      `SELECT count(*) AS unfinished FROM webhook_deliveries WHERE status <> 'delivered'`,
    )
    return Number(rows[0]?.unfinished)
  } finally {
    await database.close()
  }
}
