import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { startMailSink } from './crash-mail-sink.ts'

/** What came of one alert on one channel. */
export type Received = {
  requests: number
  taken: number
  /** The numbers of the tries, where the channel tells them. */
  readonly tries: number[]
}

export type Sinks = AsyncDisposable & {
  readonly url: string
  readonly smtpUrl: string
  /** By channel, incident and transition: `webhook 12 opened`. */
  readonly alerts: ReadonlyMap<string, Received>
  /** Mails that tell of several incidents name monitors only: `monitor 3 opened`, and how often. */
  readonly grouped: ReadonlyMap<string, number>
  readonly events: {
    /** The ids of events in the order in which they were first taken. */
    readonly taken: ReadonlySet<string>
    readonly deliveryIds: readonly string[]
  }
  /** Whether a sender waits for its answer at this moment. */
  isAwaited(): boolean
  /** From now on nothing that arrives is refused. */
  recover(): void
  /** A target that is well, one that is not, and one that fails the next request only. */
  target(number: number): Target
}

export type Target = { state: 'up' | 'down' | 'failing once' }

// Three failures end an alert, so each fails once at most and what is lost by kills has room.
const alertFailureRate = 0.25
// Each holds up all the others for a while.
const eventFailureRate = 0.05
// A sender that is killed between what it sent and what it hears of it is what this is about; at once it would be rare.
const slowAnswerRate = 0.5
const longestAnswerMs = 400

/** Targets that are up or down as the proof likes, and receivers that fail now and then, all in this process. */
export async function startSinks(): Promise<Sinks> {
  const alerts = new Map<string, Received>()
  const grouped = new Map<string, number>()
  const taken = new Set<string>()
  const deliveryIds: string[] = []
  const failed = new Set<string>()
  const targets = new Map<number, Target>()
  let isWell = false
  let awaited = 0

  function target(number: number): Target {
    const known = targets.get(number) ?? { state: 'up' }
    targets.set(number, known)
    return known
  }

  function fails(key: string, rate: number): boolean {
    if (isWell || failed.has(key) || Math.random() >= rate) return false
    failed.add(key)
    return true
  }

  function receive(key: string, attempt?: number): boolean {
    const received = alerts.get(key) ?? { requests: 0, taken: 0, tries: [] }
    alerts.set(key, received)
    received.requests += 1
    if (attempt !== undefined) received.tries.push(attempt)
    if (fails(key, alertFailureRate)) return false
    received.taken += 1
    return true
  }

  function checkTarget(number: number, response: ServerResponse): void {
    const one = target(number)
    response.writeHead(one.state === 'up' ? 200 : 503).end()
    if (one.state === 'failing once') one.state = 'up'
  }

  async function take(request: IncomingMessage): Promise<boolean> {
    const body = await text(request)
    const deliveryId = String(request.headers['x-24observe-delivery-id'])
    if (request.url === '/events') {
      deliveryIds.push(deliveryId)
      const id = idOf(body)
      if (!taken.has(id) && fails(`event ${id}`, eventFailureRate)) return false
      taken.add(id)
      return true
    }
    if (request.url === '/hook') {
      const [, incident, transition, , attempt] = deliveryId.split('-')
      return receive(`webhook ${incident} ${transition}`, Number(attempt))
    }
    const incident = /"dedup_key":"owlery-incident-(\d+)"/.exec(body)?.[1]
    return receive(`pagerduty ${incident} ${body.includes('"event_action":"resolve"') ? 'resolved' : 'opened'}`)
  }

  function takeMail(mail: string): boolean {
    const [, incident, transition] = /^Message-ID: <incident-(\d+)-(\w+)-/im.exec(mail) ?? []
    if (incident !== undefined) return receive(`email ${incident} ${transition}`)
    // The part in plain text; the other one says the same.
    const plain = mail.split('text/html')[0] ?? ''
    for (const [, word, monitor] of plain.matchAll(/^(DOWN|RECOVERED): (monitor \d+)/gm)) {
      const key = `${monitor} ${word === 'DOWN' ? 'opened' : 'resolved'}`
      grouped.set(key, (grouped.get(key) ?? 0) + 1)
    }
    return true
  }

  const server = createServer((request, response) => {
    const number = /^\/target\/(\d+)$/.exec(request.url ?? '')?.[1]
    if (number !== undefined) return checkTarget(Number(number), response)
    // A sender that was killed in the middle of his request has sent nothing.
    take(request).then(
      async (isTaken) => {
        awaited += 1
        if (!isWell && Math.random() < slowAnswerRate) await wait(Math.random() * longestAnswerMs)
        awaited -= 1
        if (isTaken) response.writeHead(202).end()
        else if (Math.random() < 0.5) response.writeHead(503).end()
        else request.socket.destroy()
      },
      () => request.socket.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the sinks have no port')
  const mailSink = await startMailSink(takeMail)
  return {
    url: `http://127.0.0.1:${address.port}`,
    smtpUrl: `smtp://127.0.0.1:${mailSink.port}`,
    alerts,
    grouped,
    events: { taken, deliveryIds },
    isAwaited: () => awaited > 0,
    recover: () => {
      isWell = true
    },
    target,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await mailSink[Symbol.asyncDispose]()
    },
  }
}

function idOf(body: string): string {
  const event: unknown = JSON.parse(body)
  return typeof event === 'object' && event !== null && 'id' in event ? String(event.id) : ''
}
