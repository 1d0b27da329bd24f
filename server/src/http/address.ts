import { isIP, isIPv6, SocketAddress } from 'node:net'
import type { Context as HonoContext } from 'hono'
import type { Env } from './request.ts'

const unknownAddress = '0.0.0.0'

/**
 * The address that limits and the audit log go by. X-Forwarded-For is believed only as far as trusted proxies vouch for
 * it: read from the right, the first address that is not one of them. What stands left of that, anybody can write.
 */
export function clientAddress(hono: HonoContext<Env>, isTrusted: (address: string) => boolean): string {
  const peer = hono.env?.incoming?.socket?.remoteAddress
  let nearest = (peer !== undefined && parseAddress(peer)) || unknownAddress
  if (!isTrusted(nearest)) return nearest
  const forwarded = hono.req.header('x-forwarded-for')?.split(',') ?? []
  for (const text of forwarded.reverse()) {
    const address = parseAddress(text.trim())
    // A proxy that writes something else vouches for nobody.
    if (address === undefined) return nearest
    if (!isTrusted(address)) return address
    nearest = address
  }
  return nearest
}

const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/
const withPort = /^([^:]+):\d{1,5}$/
const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/

/** One spelling for every address: no port, no brackets, no zone, and an IPv4 client of a dual-stack socket as IPv4. */
export function parseAddress(text: string): string | undefined {
  const bare = bracketed.exec(text)?.[1] ?? withPort.exec(text)?.[1] ?? text
  const version = isIP(bare)
  if (version === 4) return bare
  if (version === 0) return undefined
  const [address = ''] = bare.split('%')
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address
  return mapped.exec(canonical)?.[1] ?? canonical
}

/** An IPv6 subscriber has at least a /64, so one address of it more or less must not count as another client. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}
