import { isIP } from 'node:net'
import { type AddressRange, matchAddresses } from '../config/addresses.ts'
import { isSpecial } from './addresses.ts'
import { createResolve, type Resolve } from './resolver.ts'
import { isLocalName, parseHostAndPort, parseTarget, type Scheme, webSchemes } from './target.ts'

/** `unresolvable` is for the caller to weigh: a monitored host may well be down. */
export type Verdict = 'ok' | 'invalid' | 'unsafe' | 'unresolvable'

export type Located =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly reason: 'invalid' | 'unsafe' | 'not_found' | 'lookup_failed' }

export type Guard = {
  /** For URLs that are stored and called later. */
  checkUrl(text: string, options?: { schemes?: readonly Scheme[]; timeoutMs?: number }): Promise<Verdict>
  /** For targets that are no URLs: a host, perhaps with a port, perhaps behind `tcp://` or the like. */
  checkHost(text: string, options?: { timeoutMs?: number }): Promise<Verdict>
  /** Resolves once. Whoever connects dials one of these addresses and never the name, which may mean another by then. */
  locate(host: string, timeoutMs: number): Promise<Located>
}

export type GuardOptions = {
  /** What the operator lets us reach on purpose: ranges, and names wherever they lead. */
  readonly allow: readonly (AddressRange | string)[]
  readonly resolve?: Resolve
}

const writeTimeoutMs = 2000

export function createGuard({ allow, resolve = createResolve({ asksSystem: allow.length > 0 }) }: GuardOptions): Guard {
  const allowedNames = new Set(allow.filter((entry) => typeof entry === 'string'))
  const allowedRanges = allow.filter((entry) => typeof entry !== 'string')
  const isAllowed = matchAddresses(allowedRanges)

  const locate: Guard['locate'] = async (written, timeoutMs) => {
    const host = parseHostAndPort(written)?.host
    if (host === undefined) return { ok: false, reason: 'invalid' }
    const isNamed = allowedNames.has(host)
    const isLocal = isLocalName(host) && !isNamed
    if (isLocal && allowedRanges.length === 0) return { ok: false, reason: 'unsafe' }
    let addresses: readonly string[]
    try {
      addresses = isIP(host) === 0 ? await resolve(host, timeoutMs) : [host]
    } catch {
      return { ok: false, reason: isLocal ? 'unsafe' : 'lookup_failed' }
    }
    if (addresses.length === 0) return { ok: false, reason: isLocal ? 'unsafe' : 'not_found' }
    // A local name that leads to a public address is somebody's trick, so it needs an allowed one.
    const isReachable = (address: string) =>
      isIP(address) !== 0 && (isNamed || isAllowed(address) || (!isLocal && !isSpecial(address)))
    return addresses.every(isReachable) ? { ok: true, addresses } : { ok: false, reason: 'unsafe' }
  }

  const judge = async (host: string | undefined, timeoutMs = writeTimeoutMs): Promise<Verdict> => {
    if (host === undefined) return 'invalid'
    const located = await locate(host, timeoutMs)
    if (located.ok) return 'ok'
    return located.reason === 'invalid' || located.reason === 'unsafe' ? located.reason : 'unresolvable'
  }

  return {
    locate,
    checkUrl: (text, { schemes = webSchemes, timeoutMs } = {}) => judge(parseTarget(text, schemes)?.host, timeoutMs),
    checkHost: (text, { timeoutMs } = {}) => judge(parseHostAndPort(text)?.host, timeoutMs),
  }
}
