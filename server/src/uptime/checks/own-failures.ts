import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

// Out of sockets, ports or memory, or without any way into the network. EHOSTUNREACH is not among them: a router says
// that of a host which is gone.
const own = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'ENETUNREACH',
  'ENETDOWN',
  'EAFNOSUPPORT',
])

export function isOurOwn(code: unknown): boolean {
  return typeof code === 'string' && own.has(code)
}

/**
 * Whether this machine could send to the address at all, for failures that no longer say why. Connecting a datagram
 * socket takes a descriptor, a port and a route, as any connection does, but sends nothing.
 */
export async function findOwnFailure(address: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  socket.once('error', (error) => resolve(codeOf(error)))
  try {
    socket.connect(discardPort, address, (error?: Error) => resolve(error === undefined ? undefined : codeOf(error)))
    return await promise
  } catch (error) {
    return codeOf(error)
  } finally {
    try {
      socket.close()
    } catch {
      // Never opened, so there is nothing to close.
    }
  }
}

const discardPort = 9

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && own.has(code) ? code : undefined
}
