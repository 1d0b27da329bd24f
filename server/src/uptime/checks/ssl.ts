import { isIP, type Socket } from 'node:net'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { timeLimit } from '../../outbound/time-limit.ts'
import { alive, type CheckDeps, type Checker, dead, type Finding } from './check.ts'
import { dial, locate, type Place, timedOut } from './dial.ts'

const httpsPort = 443
const dayMs = 86_400_000
const soonDays = 7
// To cut off a good handshake would fill the logs of the other side with errors.
const farewellMs = 1000

/** A handshake with SNI whose whole chain must hold; a certificate about to expire is degraded. */
export const checkSsl: Checker = async (monitor, _secrets, deps) => {
  const limit = timeLimit(monitor.timeoutMs)
  const located = await locate(deps, { ...monitor, otherwise: httpsPort }, limit)
  if (!located.ok) return located.result
  const start = performance.now()
  const dialled = await dial(located.place, limit)
  if (!dialled.ok) return dialled.result
  const shaken = await shakeHands(dialled.socket, located.place, deps, limit.signal)
  if (shaken.ok) setTimeout(() => dialled.socket.destroy(), farewellMs).unref()
  else dialled.socket.destroy()
  const measured = { responseTimeMs: Math.round(performance.now() - start) }
  if (!shaken.ok) return dead(shaken.error, shaken.error === timedOut ? {} : measured)
  const days = (shaken.validTo - Date.now()) / dayMs
  if (days > soonDays) return alive(monitor, measured)
  const errorMessage = expiresSoon(Math.floor(days))
  return { ...alive(monitor, measured), status: 'degraded', errorMessage } satisfies Finding
}

function expiresSoon(days: number): string {
  if (days < 1) return 'the certificate expires within a day'
  return `the certificate expires in ${days} ${days === 1 ? 'day' : 'days'}`
}

type Handshake = { readonly ok: true; readonly validTo: number } | { readonly ok: false; readonly error: string }

function shakeHands(
  raw: Socket,
  { host }: Place,
  { certificateAuthorities }: CheckDeps,
  signal: AbortSignal,
): Promise<Handshake> {
  const { promise, resolve } = Promise.withResolvers<Handshake>()
  const isName = isIP(host) === 0
  const socket: TLSSocket = connect({
    socket: raw,
    host,
    ...(isName && { servername: host }),
    // The fault is read from the socket below, after the names: a wrong name would hide an expired chain.
    rejectUnauthorized: false,
    ...(certificateAuthorities !== undefined && { ca: [...certificateAuthorities] }),
  })
  socket.once('secureConnect', () => {
    const certificate = socket.getPeerCertificate(true)
    const validTo = earliestEnd(certificate)
    const fault = socket.authorizationError
    if (!socket.authorized && fault !== null) resolve({ ok: false, error: textOf(String(codeOf(fault)), certificate) })
    else if (Number.isNaN(validTo)) resolve({ ok: false, error: 'the certificate cannot be read' })
    else resolve({ ok: true, validTo })
    socket.end()
  })
  socket.on('error', (error) => {
    const code = codeOf(error)
    resolve({
      ok: false,
      error: code === undefined ? 'the TLS connection failed' : `the TLS connection failed (${code})`,
    })
  })
  socket.once('close', () =>
    resolve({ ok: false, error: 'the connection was closed before the handshake was complete' }),
  )
  signal.addEventListener('abort', () => resolve({ ok: false, error: timedOut }), { once: true })
  if (signal.aborted) resolve({ ok: false, error: timedOut })
  return promise
}

/**
 * A chain that holds is as good as the first of its certificates to expire. One that has expired is none of them: servers
 * go on sending what an old authority said of one that is trusted by itself since.
 */
function earliestEnd(leaf: PeerCertificate): number {
  let end = Date.parse(leaf.valid_to)
  const seen = new Set<unknown>([leaf])
  for (let one: unknown = Reflect.get(leaf, 'issuerCertificate'); isCertificate(one) && !seen.has(one); ) {
    seen.add(one)
    const ownEnd = Date.parse(one.valid_to)
    if (ownEnd <= Date.now()) break
    end = Math.min(end, ownEnd)
    one = Reflect.get(one, 'issuerCertificate')
  }
  return end
}

function isCertificate(value: unknown): value is { readonly valid_to: string } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'valid_to') === 'string'
}

function codeOf(fault: unknown): string | undefined {
  if (typeof fault === 'string') return fault
  const code: unknown = typeof fault === 'object' && fault !== null ? Reflect.get(fault, 'code') : undefined
  return typeof code === 'string' ? code : undefined
}

function textOf(code: string, { valid_from }: PeerCertificate): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'the certificate has expired'
    case 'CERT_NOT_YET_VALID':
      return `the certificate is not valid before ${new Date(valid_from).toISOString()}`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'the certificate is for another host name'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'the certificate is self-signed'
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'the certificate chain is incomplete, or its authority is not known'
    case 'CERT_REVOKED':
      return 'the certificate was revoked'
    default:
      return `the certificate is not trusted (${code})`
  }
}
