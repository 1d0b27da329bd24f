import { createHmac } from 'node:crypto'
import { matchAddresses, parseAddressRange } from '../config/addresses.ts'
import { equalBytes } from '../security/tokens.ts'
import type { PublicPageRow } from './public-status-pages.store.ts'

export const unlockSeconds = 12 * 60 * 60
const header = 'x-status-page-token'

type Lock = Pick<PublicPageRow, 'id' | 'password_hash' | 'ip_allowlist'>
export type Visitor = {
  readonly address: string
  readonly headers: Headers
  readonly now: Date
  readonly secret: string
}

/** `absent` is for whoever must not learn that there is such a page. */
export function accessTo(page: Lock, visitor: Visitor): 'open' | 'locked' | 'absent' {
  if (page.ip_allowlist.length > 0) {
    const ranges = page.ip_allowlist.flatMap((range) => parseAddressRange(range) ?? [])
    if (!matchAddresses(ranges)(visitor.address)) return 'absent'
  }
  if (page.password_hash === null) return 'open'
  const shown = visitor.headers.get(header) ?? cookieOf(visitor.headers, cookieName(page.id))
  return shown !== undefined && isUnlocked(page, shown, visitor) ? 'open' : 'locked'
}

/** What may be kept by caches that serve others as well. */
export function isForEverybody(page: Lock): boolean {
  return page.password_hash === null && page.ip_allowlist.length === 0
}

/** Nothing is stored: the token names its end, and is signed together with the password's hash, so it dies with it. */
export function unlockToken(page: Lock, secret: string, now: Date): string {
  const until = Math.floor(now.getTime() / 1000) + unlockSeconds
  return `${until}.${signature(page, secret, until).toString('base64url')}`
}

export function cookieName(pageId: number): string {
  return `status_page_${pageId}`
}

function isUnlocked(page: Lock, token: string, { secret, now }: Visitor): boolean {
  const [, until = '', given = ''] = /^(\d{1,12})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? []
  if (Number(until) * 1000 <= now.getTime()) return false
  return equalBytes(Buffer.from(given, 'base64url'), signature(page, secret, Number(until)))
}

function signature(page: Lock, secret: string, until: number): Buffer {
  return createHmac('sha256', secret).update(`status page ${page.id} until ${until} ${page.password_hash}`).digest()
}

function cookieOf(headers: Headers, wanted: string): string | undefined {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=')
    if (name === wanted) return value
  }
  return undefined
}
