import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

export type SeenRequest = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly at: number
}

export type Answer = {
  readonly status?: number
  readonly json?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Waits before the answer; with `stall`, after half of it. */
  readonly delayMs?: number
  readonly stall?: true
  readonly hangUp?: true
}

export type Loopback = AsyncDisposable & {
  readonly baseUrl: string
  readonly seen: SeenRequest[]
}

/** A real HTTP server that answers as told; `place` counts the requests from 0. */
export async function startLoopback(answer: (request: SeenRequest, place: number) => Answer): Promise<Loopback> {
  const seen: SeenRequest[] = []
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    const request = { method, url, headers, body: await text(incoming), at: performance.now() }
    const {
      status = 200,
      json,
      text: plain,
      headers: extra,
      delayMs = 0,
      stall,
      hangUp,
    } = answer(request, seen.push(request) - 1)
    if (hangUp) return incoming.socket.destroy()
    const body = json === undefined ? (plain ?? '') : JSON.stringify(json)
    const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json'
    const start = () => outgoing.writeHead(status, { 'content-type': type, 'x-request-id': 'from-header', ...extra })
    if (stall) start().write(body.slice(0, body.length / 2))
    if (delayMs > 0) await wait(delayMs)
    if (!stall) start()
    return outgoing.end(stall ? body.slice(body.length / 2) : body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = addressOf(server.address())
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return address
}
