import type { Socket } from 'node:net'
import { timeLimit } from '../../outbound/time-limit.ts'
import { alive, type Checker, dead } from './check.ts'
import { dial, locate, timedOut } from './dial.ts'

const smtpPort = 25
const longestBanner = 4096

/** Up if the server greets with 220 (RFC 5321 §4.2). */
export const checkSmtp: Checker = async (monitor, _secrets, deps) => {
  const limit = timeLimit(monitor.timeoutMs)
  const located = await locate(deps, { ...monitor, otherwise: smtpPort }, limit)
  if (!located.ok) return located.result
  const start = performance.now()
  const dialled = await dial(located.place, limit)
  if (!dialled.ok) return dialled.result
  const banner = await readLine(dialled.socket, limit.signal)
  dialled.socket.destroy()
  const measured = { responseTimeMs: Math.round(performance.now() - start) }
  if (banner === 'timeout') return dead(timedOut)
  if (banner === 'closed') return dead('the connection was closed before the server greeted', measured)
  if (!/^220[ -]/.test(banner.text) && banner.text !== '220') {
    const code = /^\d{3}/.exec(banner.text)?.[0]
    return dead(`the server greeted with ${code ?? 'something else'} instead of 220`, measured)
  }
  return alive(monitor, measured)
}

type Line = 'timeout' | 'closed' | { readonly text: string }

function readLine(socket: Socket, signal: AbortSignal): Promise<Line> {
  const { promise, resolve } = Promise.withResolvers<Line>()
  let held = ''
  socket.on('data', (chunk) => {
    held += chunk.toString('latin1')
    const end = held.indexOf('\n')
    if (end >= 0) resolve({ text: held.slice(0, end).trimEnd() })
    else if (held.length > longestBanner) resolve({ text: held.slice(0, longestBanner) })
  })
  socket.once('close', () => resolve('closed'))
  signal.addEventListener('abort', () => resolve('timeout'), { once: true })
  if (signal.aborted) resolve('timeout')
  return promise
}
