import { Server as NetServer } from 'node:net'
import type { ServerType } from '@hono/node-server'

// Requests that have reached the socket but not the parser yet would be cut off by an immediate close.
const lastRequestsMs = 250
// A client that has connected may be slow to write; one that keeps an idle connection has this long to notice.
const silentClientsMs = 2000

/**
 * Node's own close cuts off every connection without a parsed request, though one may have arrived. So what is on its
 * way is let in first, then listening ends; every answer now ends its connection, and who is idle still is let go.
 */
export async function closeGently(server: ServerType): Promise<void> {
  await letIn(server)
  const done = new Promise<void>((resolve) => {
    NetServer.prototype.close.call(server, () => resolve())
  })
  let sweeping: NodeJS.Timeout | undefined
  const patience = setTimeout(() => {
    sweeping = setInterval(() => 'closeIdleConnections' in server && server.closeIdleConnections(), 50)
  }, silentClientsMs)
  await done
  clearTimeout(patience)
  clearInterval(sweeping)
}

/**
 * A busy event loop takes one connection a turn from those that the system holds for it, and closing the listener
 * resets the rest; so it goes on until none has come for some turns.
 */
async function letIn(server: ServerType): Promise<void> {
  let quietTurns = 0
  server.on('connection', () => {
    quietTurns = 0
  })
  await new Promise((resolve) => setTimeout(resolve, lastRequestsMs))
  const latest = performance.now() + silentClientsMs
  while (quietTurns++ < 20 && performance.now() < latest) await new Promise((resolve) => setImmediate(resolve))
}
