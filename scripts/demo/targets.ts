import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export const address = '127.0.0.1'

/** Bad for so many seconds of every so many, the first time at `from`; counted from the start of the targets. */
type Spell = { readonly every: number; readonly lasts: number; readonly from: number }

type Page = {
  readonly text: string
  readonly usualMs: number
  readonly slow?: Spell & { readonly ms: number }
  readonly broken?: Spell & { readonly status: number }
}

const firstSpellMs = 60_000

const pages: Readonly<Record<string, Page>> = {
  '/shop': { text: 'Welcome to the shop', usualMs: 40, slow: { every: 420, lasts: 70, from: 200, ms: 700 } },
  // The one that the story of the demo is about.
  '/checkout': {
    text: 'Checkout',
    usualMs: 60,
    broken: { every: 600, lasts: 120, from: firstSpellMs / 1000, status: 503 },
  },
  '/search': { text: 'Results', usualMs: 90, slow: { every: 240, lasts: 65, from: 120, ms: 900 } },
  '/api/health': { text: '{"ok":true}', usualMs: 15 },
  '/login': { text: 'Sign in', usualMs: 35, broken: { every: 1500, lasts: 40, from: 900, status: 502 } },
  '/blog': { text: 'Latest posts', usualMs: 50 },
  '/reports': { text: 'Reports', usualMs: 20, broken: { every: 1, lasts: 1, from: 0, status: 500 } },
}

export type Targets = {
  /** Where the pages are. */
  readonly origin: string
  /** A database, a cache and a mail server, as far as a monitor can tell. */
  readonly databasePort: number
  readonly cachePort: number
  readonly mailPort: number
  /** Where the service sends its events to. */
  readonly hooksUrl: string
  /** Whether the nightly job is in one of the spells in which it forgets to report. */
  forgetsHeartbeats(): boolean
  close(): void
}

export type ReceivedEvent = { readonly body: string; readonly headers: IncomingMessage['headers'] }

type Start = { readonly port: number; readonly isSoon: boolean }

/** Everything that the monitors of the demo look at, on four ports in a row, or on any if the first is 0. */
export async function startTargets({ port, isSoon }: Start, onEvent: (event: ReceivedEvent) => void): Promise<Targets> {
  const started = Date.now() - (isSoon ? firstSpellMs : 0)
  const isIn = (spell: Spell | undefined) => {
    if (spell === undefined) return false
    const since = (Date.now() - started) / 1000 - spell.from
    return since >= 0 && since % spell.every < spell.lasts
  }
  const web = createHttpServer((request, response) => {
    if (request.url === '/hooks') void receive(request, response, onEvent)
    else void showPage(pages[request.url ?? ''], response, isIn)
  })
  const quiet = (socket: Socket) => void socket.on('error', () => undefined)
  const mail = (socket: Socket) => {
    quiet(socket)
    socket.write('220 mail.demo ESMTP\r\n')
    socket.on('data', (line) => socket.end(`${line.toString().startsWith('QUIT') ? '221 bye' : '250 ok'}\r\n`))
  }
  const servers: Server[] = [web, createTcpServer(quiet), createTcpServer(quiet), createTcpServer(mail)]
  const [webPort = 0, databasePort = 0, cachePort = 0, mailPort = 0] = await Promise.all(
    servers.map((server, index) => listen(server, port === 0 ? 0 : port + index)),
  )
  return {
    origin: `http://${address}:${webPort}`,
    databasePort,
    cachePort,
    mailPort,
    hooksUrl: `http://${address}:${webPort}/hooks`,
    forgetsHeartbeats: () => isIn({ every: 720, lasts: 100, from: 360 }),
    close: () => {
      for (const server of servers) server.close()
      web.closeAllConnections()
    },
  }
}

/** The port that it listens on. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      const bound = server.address()
      if (bound === null || typeof bound === 'string') reject(new Error('there is no port to listen on'))
      else resolve(bound.port)
    })
  })
}

async function showPage(
  page: Page | undefined,
  response: ServerResponse,
  isIn: (spell: Spell | undefined) => boolean,
): Promise<void> {
  const { text = 'There is no such page', usualMs = 5, slow, broken } = page ?? {}
  await delay(usualMs * (0.7 + 0.6 * Math.random()) + (isIn(slow) ? (slow?.ms ?? 0) : 0))
  const status = page === undefined ? 404 : isIn(broken) ? (broken?.status ?? 500) : 200
  response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? `${text}\n` : 'Out of order\n')
}

const mostBytes = 1024 * 1024

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  onEvent: (event: ReceivedEvent) => void,
): Promise<void> {
  try {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue
      bytes += chunk.length
      if (bytes > mostBytes) throw new Error('too long')
      chunks.push(chunk)
    }
    onEvent({ body: Buffer.concat(chunks).toString(), headers: request.headers })
    response.writeHead(204).end()
  } catch {
    response.writeHead(400).end()
  }
}
