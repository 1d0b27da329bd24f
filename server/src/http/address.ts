import type { Context as HonoContext } from 'hono'
import type { Env } from './request.ts'

export const unknownAddress = '0.0.0.0'

/**
 * The address that limits and the audit log go by. X-Forwarded-For is believed only as far as trusted proxies vouch for
 * it: read from the right, the first address that is not one of them.
 */
export function clientAddress(hono: HonoContext<Env>, isTrusted: (address: string) => boolean): string {
  const peer = hono.env?.incoming?.socket?.remoteAddress ?? unknownAddress
  if (!isTrusted(peer)) return plain(peer)
  const forwarded = (hono.req.header('x-forwarded-for') ?? '').split(',').map((one) => one.trim())
  for (const address of forwarded.reverse()) {
    if (address === '') break
    if (!isTrusted(address)) return plain(address)
  }
  return plain(peer)
}

/** An IPv4 client of a dual-stack socket is the same client. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address.slice(0, 64)
}
