import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'

export type Receiver = AsyncDisposable & {
  readonly url: string
  /** The ids of events in the order in which they were first taken, with their webhook-id. */
  readonly accepted: ReadonlyMap<string, string>
  readonly attempts: number
  readonly failures: number
  /** How often an event came that had been taken. */
  readonly again: number
  /** How often an event came with another webhook-id than before. */
  readonly strayIds: number
}

const failureRate = 0.3
// A fifth failure would end an event's attempts.
const mostFailures = 4

/** Takes webhooks and fails 30 % of them: by refusing, by being away, and by hanging up. */
export async function startReceiver(): Promise<Receiver> {
  const accepted = new Map<string, string>()
  const ids = new Map<string, string>()
  const failed = new Map<string, number>()
  const counts = { attempts: 0, failures: 0, again: 0, strayIds: 0 }
  const server = createServer(async (request, response) => {
    const event: unknown = await json(request)
    const id = typeof event === 'object' && event !== null && 'id' in event ? String(event.id) : ''
    const messageId = String(request.headers['webhook-id'])
    counts.attempts += 1
    if ((ids.get(id) ?? messageId) !== messageId) counts.strayIds += 1
    ids.set(id, messageId)
    const failures = failed.get(id) ?? 0
    if (Math.random() < failureRate && failures < mostFailures && !accepted.has(id)) {
      failed.set(id, failures + 1)
      counts.failures += 1
      const kind = Math.floor(Math.random() * 3)
      if (kind === 0) return request.socket.destroy()
      return response.writeHead(kind === 1 ? 503 : 500).end()
    }
    if (accepted.has(id)) counts.again += 1
    else accepted.set(id, messageId)
    return response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    accepted,
    get attempts() {
      return counts.attempts
    },
    get failures() {
      return counts.failures
    },
    get again() {
      return counts.again
    },
    get strayIds() {
      return counts.strayIds
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
