import { connect, type Socket } from 'node:net'
import { isOurOwn } from '../../outbound/own-failures.ts'
import { parseHostAndPort } from '../../outbound/target.ts'
import { shareOf, type TimeLimit } from '../../outbound/time-limit.ts'
import { type CheckDeps, dead, type Finding, failedHere, type ProbeError, probeError } from './check.ts'

export type Place = { readonly host: string; readonly port: number; readonly addresses: readonly string[] }
type Located =
  | { readonly ok: true; readonly place: Place }
  | { readonly ok: false; readonly result: Finding | ProbeError }

/** Where a target that is no URL is to be dialled. The addresses are checked ones; nothing else may be dialled. */
export async function locate(
  { guard, nameServers }: Pick<CheckDeps, 'guard' | 'nameServers'>,
  target: { readonly url: string; readonly port: number | null; readonly otherwise?: number },
  limit: TimeLimit,
): Promise<Located> {
  const parsed = parseHostAndPort(target.url)
  const port = parsed?.port ?? target.port ?? target.otherwise
  if (parsed === undefined || port === undefined) return failed(dead('the target is no host with a port'))
  const located = await guard.locate(parsed.host, limit.leftMs())
  if (located.ok) return { ok: true, place: { host: parsed.host, port, addresses: located.addresses } }
  switch (located.reason) {
    case 'lookup_failed':
      // They answer others: then it is the target's own ones that fail.
      return failed((await nameServers.answer()) ? dead(noNameServer) : probeError(noNameServer))
    case 'not_found':
      return failed(dead('the host name has no address'))
    case 'unsafe':
      return failed(dead('the address belongs to a private or special network, which is not called from here'))
    case 'invalid':
      return failed(dead('the target is no host with a port'))
  }
}

const noNameServer = 'the name servers did not answer'

const failed = (result: Finding | ProbeError): Located => ({ ok: false, result })

type Dialled =
  | { readonly ok: true; readonly socket: Socket; readonly address: string }
  | { readonly ok: false; readonly result: Finding | ProbeError }

/** Connects to the first of the addresses that answers. The caller owns the socket. */
export async function dial({ port, addresses }: Place, limit: TimeLimit): Promise<Dialled> {
  const tried = addresses.slice(0, mostAddresses)
  let told: Finding | ProbeError = dead(timedOut)
  for (const [index, address] of tried.entries()) {
    if (limit.signal.aborted) break
    const outcome = await dialOne(address, port, AbortSignal.timeout(shareOf(limit, tried.length - index)))
    if (outcome.ok) return outcome
    // Where this machine has no way to one of them, such as the IPv6 of most names, the others still tell of the target.
    if (index === 0 || outcome.result.kind === 'result') told = outcome.result
  }
  return { ok: false, result: told }
}

const mostAddresses = 4

function dialOne(address: string, port: number, signal: AbortSignal): Promise<Dialled> {
  if (signal.aborted) return Promise.resolve({ ok: false, result: dead(timedOut) })
  const { promise, resolve } = Promise.withResolvers<Dialled>()
  const socket = connect({ host: address, port, noDelay: true })
  const settle = (outcome: Dialled) => {
    signal.removeEventListener('abort', onAbort)
    if (!outcome.ok) socket.destroy()
    resolve(outcome)
  }
  const onAbort = () => settle({ ok: false, result: dead(timedOut) })
  signal.addEventListener('abort', onAbort)
  socket.once('connect', () => settle({ ok: true, socket, address }))
  // Stays, so that an error after the connection was handed over does not end the process.
  socket.on('error', (error) => settle({ ok: false, result: resultOf(error) }))
  return promise
}

export const timedOut = 'no complete answer within the time limit'

function resultOf(error: Error): Finding | ProbeError {
  const code = 'code' in error ? error.code : undefined
  if (isOurOwn(code)) return failedHere(code)
  if (code === 'ECONNREFUSED') return dead('the connection was refused')
  if (code === 'ETIMEDOUT') return dead(timedOut)
  if (code === 'ECONNRESET') return dead('the connection was closed before the answer was complete')
  return dead('the network or the host cannot be reached')
}
