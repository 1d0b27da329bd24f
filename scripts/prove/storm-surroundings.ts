import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { json } from 'node:stream/consumers'
import { receiveMail } from '../lib/smtp-receiver.ts'

/**
 * All that lies around the service in a storm, for `storm.ts`: the targets, which fail once they are told to, whoever is
 * told of it by webhook, and the mail server. A process of its own, so that it does not slow the traffic that is measured.
 */
const alerts = new Map<string, number>()
const events = new Map<string, number>()
const counts = { mails: 0, mailed: 0 }
let isFailing = false

const count = (seen: Map<string, number>, id: unknown) => seen.set(String(id), (seen.get(String(id)) ?? 0) + 1)
const again = (seen: Map<string, number>) => [...seen.values()].reduce((sum, times) => sum + times - 1, 0)

const answers: Readonly<Record<string, (response: ServerResponse, body: unknown) => void>> = {
  '/target': (response) => response.writeHead(isFailing ? 503 : 200).end(),
  '/alerts': (response, body) => {
    count(alerts, field(body, 'incident_id'))
    response.writeHead(204).end()
  },
  '/events': (response, body) => {
    count(events, field(body, 'id'))
    response.writeHead(204).end()
  },
  '/fail': (response) => {
    isFailing = true
    response.writeHead(204).end()
  },
  '/report': (response) => {
    const told = { alerts: alerts.size, alertsAgain: again(alerts), events: events.size, eventsAgain: again(events) }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...told, ...counts }))
  },
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
}

const http = createServer(async (request, response) => {
  const body: unknown = request.method === 'POST' ? await json(request).catch(() => undefined) : undefined
  const answer = answers[request.url ?? '']
  if (answer === undefined) response.writeHead(404).end()
  else answer(response, body)
})

/** Of a mail that tells of several its subject says of how many; any other tells of one. */
function read(mail: string): undefined {
  const several = /^Subject: (\d+) alerts:/m.exec(mail)?.[1]
  counts.mails += 1
  counts.mailed += several === undefined ? 1 : Number(several)
}

const smtp = createTcpServer((socket) => receiveMail(socket, { toMail: read }))

http.listen(0, '0.0.0.0', 4096, () => announce('http', http.address()))
smtp.listen(0, '127.0.0.1', () => announce('smtp', smtp.address()))

function announce(name: string, address: ReturnType<typeof http.address>): void {
  if (address !== null && typeof address === 'object') console.log(`${name} ${address.port}`)
}
