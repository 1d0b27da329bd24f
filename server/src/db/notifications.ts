import { randomUUID } from 'node:crypto'
import { Client, type Notification } from 'pg'
import type { Log } from '../log.ts'

/** What the database's triggers tell, and to whom it matters. */
export type Listener = {
  readonly channel: string
  heard(payload: string): void
  /** Something may have passed unheard. */
  missed(): void
}

export type Notifications = {
  listen(listener: Listener): void
  /** Resolves after the first attempt; from then on it connects again by itself. */
  start(): Promise<void>
  stop(): Promise<void>
  isHearing(): boolean
  /** Resolves when every other process has heard all that was committed before, or after `mostMs`. Never rejects. */
  settle(mostMs: number): Promise<void>
}

const barrierChannel = 'owlery_barriers'
const answerChannel = 'owlery_barrier_answers'
/** Only connections that hear already carry it, so that nobody waits for one that does not. */
const hearingName = 'owlery listening'
const firstRetryMs = 100
const longestRetryMs = 5000

type Barrier = { readonly passed: Set<string>; look(): void }

/**
 * LISTEN on a connection of its own. Notifications come in the order of the commits, so a process that has answered a
 * barrier has heard everything before it.
 */
export function createNotifications({ url, log }: { url: string; log: Log }): Notifications {
  const listeners = new Map<string, Listener>()
  const barriers = new Map<string, Barrier>()
  let connection: { readonly client: Client; readonly pid: string } | undefined
  let attempts = 0
  let stopped = false
  let retry: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const client = new Client({
      connectionString: url,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 5000,
    })
    const lose = () => lost(client)
    client.on('error', lose)
    client.on('end', lose)
    client.on('notification', (notification) => hear(client, notification))
    try {
      await client.connect()
      // The server, too, should notice soon when this process is gone without a word.
      await client.query('SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3')
      for (const channel of [barrierChannel, answerChannel, ...listeners.keys()]) {
        await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
      }
      await client.query(`SET application_name = ${client.escapeLiteral(hearingName)}`)
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      if (stopped) return await client.end()
      connection = { client, pid: String(rows[0]?.pid) }
      if (attempts > 0) log.info({ attempts }, 'hearing the database again')
      attempts = 0
    } catch (err) {
      if (attempts === 0) log.warn({ err }, 'cannot hear of changes by other processes: credentials are not cached')
      await client.end().catch(() => undefined)
      retryLater()
    }
  }

  function lost(client: Client): void {
    if (connection?.client !== client) return
    connection = undefined
    for (const listener of listeners.values()) listener.missed()
    if (stopped) return
    log.warn('the connection that hears of changes by other processes was lost')
    client.end().catch(() => undefined)
    retryLater()
  }

  function retryLater(): void {
    if (stopped) return
    const pause = Math.min(firstRetryMs * 2 ** attempts, longestRetryMs)
    attempts += 1
    clearTimeout(retry)
    retry = setTimeout(() => void connect(), pause).unref()
  }

  function hear(client: Client, { channel, payload = '' }: Notification): void {
    if (channel === barrierChannel) answerBarrier(client, payload)
    else if (channel === answerChannel) passBarrier(payload)
    else listeners.get(channel)?.heard(payload)
  }

  // Before `connection` is set nothing is kept here, so there is nothing to be outdated: any answer is true.
  function answerBarrier(client: Client, id: string): void {
    if (barriers.has(id)) return
    client
      .query(`SELECT pg_notify($1, $2 || ' ' || pg_backend_pid())`, [answerChannel, id])
      // Whoever waits gives up when this process has forgotten by itself.
      .catch(() => undefined)
  }

  function passBarrier(payload: string): void {
    const [id = '', pid = ''] = payload.split(' ')
    const barrier = barriers.get(id)
    barrier?.passed.add(pid)
    barrier?.look()
  }

  async function settle(mostMs: number): Promise<void> {
    const id = randomUUID()
    const passed = new Set<string>()
    let peers: readonly string[] | undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, mostMs)
    const look = () => {
      if (peers?.every((pid) => passed.has(pid))) resolve()
    }
    barriers.set(id, { passed, look })
    try {
      peers = await raise(id)
      look()
      await promise
    } finally {
      clearTimeout(timer)
      barriers.delete(id)
    }
  }

  /** Sends the barrier and says who must answer; undefined if that cannot be known. */
  async function raise(id: string): Promise<string[] | undefined> {
    if (connection === undefined) return undefined
    try {
      const { rows } = await connection.client.query<{ pid: string }>(
        `WITH sent AS MATERIALIZED (SELECT pg_notify($1, $2))
        SELECT activity.pid::text AS pid FROM sent, pg_stat_activity AS activity
        WHERE datname = current_database() AND application_name = $3 AND pid <> pg_backend_pid()`,
        [barrierChannel, id, hearingName],
      )
      return rows.map(({ pid }) => pid)
    } catch {
      return undefined
    }
  }

  return {
    listen: (listener) => {
      listeners.set(listener.channel, listener)
    },
    start: connect,
    stop: async () => {
      stopped = true
      clearTimeout(retry)
      await connection?.client.end().catch(() => undefined)
    },
    isHearing: () => connection !== undefined,
    settle,
  }
}
