import { lookup, Resolver } from 'node:dns/promises'
import { timeLimit } from './time-limit.ts'

/** Every address of a name; none if it has none. Rejects if the name servers did not say. */
export type Resolve = (host: string, timeoutMs: number) => Promise<readonly string[]>

export type ResolverOptions = {
  /** `address:port`; those of the system unless given. */
  readonly servers?: readonly string[]
  /** Names that no name server knows may stand in the system's hosts file. */
  readonly asksSystem: boolean
}

// Some name servers never answer for IPv6. Once one family is known, the other may hold it up this long.
const otherFamilyMs = 250

/**
 * Asks the name servers itself: the system's own call would occupy one of the few threads that all file work shares,
 * and cannot be ended. A resolver per name follows changes of the system's settings and can be cancelled alone.
 */
export function createResolve({ servers, asksSystem }: ResolverOptions): Resolve {
  return async (host, timeoutMs) => {
    const limit = timeLimit(timeoutMs)
    // Silent name servers leave time for the hosts file, which may be all there is in a network of its own.
    const serversMs = asksSystem ? Math.ceil(timeoutMs / 2) : timeoutMs
    const resolver = new Resolver({ timeout: Math.max(50, Math.floor(serversMs / 3)), tries: 2 })
    if (servers !== undefined) resolver.setServers(servers)
    const timers = [setTimeout(() => resolver.cancel(), serversMs)]
    const limitOther = (addresses: string[]) => {
      timers.push(setTimeout(() => resolver.cancel(), otherFamilyMs))
      return addresses
    }
    try {
      const answers = await Promise.allSettled([
        resolver.resolve4(host).then(limitOther),
        resolver.resolve6(host).then(limitOther),
      ])
      const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      if (addresses.length > 0) return addresses
      const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
      if (asksSystem) return await askSystem(host, limit.leftMs())
      if (failures.every(saysNoSuchName)) return []
      throw new Error('the name servers did not answer', { cause: failures[0] })
    } finally {
      for (const timer of timers) clearTimeout(timer)
    }
  }
}

async function askSystem(host: string, timeoutMs: number): Promise<readonly string[]> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('the system did not resolve the name in time')), timeoutMs)
  try {
    return (await Promise.race([lookup(host, { all: true }), tooLate])).map(({ address }) => address)
  } catch (error) {
    if (saysNoSuchName(error)) return []
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function saysNoSuchName(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')
}
