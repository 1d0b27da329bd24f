import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Certificate } from './sinks-certificate.ts'

export type Sink = AsyncDisposable & {
  readonly host: string
  readonly port: number
  /** How often somebody connected, whatever came of it. */
  readonly connections: number
}

type Place = { readonly host?: string; readonly port?: number }

/** Stands where nobody may knock: it counts, and answers so well that a caller who got in would notice. */
export function startCanary(place: Place = {}): Promise<Sink> {
  return startSink((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ncanary')
  }, place)
}

/** A TCP server that does to a connection whatever `treat` does. */
export async function startSink(treat: (socket: Socket) => void, place: Place = {}): Promise<Sink> {
  return listen(createServer(), treat, place)
}

export type TlsSink = Sink & { readonly serverNames: readonly (string | false | null)[] }

export async function startTlsSink(certificate: Certificate, treat: (socket: TLSSocket) => void): Promise<TlsSink> {
  const serverNames: (string | false | null)[] = []
  const server = createTlsServer({ cert: certificate.pem, key: certificate.key })
  server.on('secureConnection', (socket) => {
    serverNames.push(socket.servername)
    socket.on('error', () => socket.destroy())
    treat(socket)
  })
  // A handshake that a client breaks off is what some tests are about.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const sink = await listen(server, () => undefined, {})
  return Object.assign(sink, { serverNames })
}

async function listen(server: Server, treat: (socket: Socket) => void, place: Place): Promise<Sink> {
  const { host = '127.0.0.1', port = 0 } = place
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    treat(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the sink listens on no port')
  return {
    host,
    port: address.port,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
