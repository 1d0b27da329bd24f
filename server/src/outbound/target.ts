import { isIP } from 'node:net'

/** `host` as it is resolved and dialled: an address without brackets, or a name in ASCII without a trailing dot. */
export type Target = { readonly url: URL; readonly host: string }
export type Scheme = 'http' | 'https'

export const webSchemes: readonly Scheme[] = ['http', 'https']

const longestUrl = 8192
const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/
// URL parsers drop, turn or keep these as they please; who sends them wants two parsers to disagree.
const ambiguous = /[\s\\\p{Cc}]/u
// No userinfo, and no percent sign: it spells hosts in another way or names a zone.
const schemeAndAuthority = /^([a-z]+):\/\/[^/?#@%]+(?:[/?#]|$)/i

/**
 * The only reading of a URL there is: the guard judges and the client dials what it returns, so the two cannot differ.
 * Numeric hosts in any spelling (2130706433, 0x7f.1, full-width digits) come out as the address they mean.
 */
export function parseTarget(text: string, schemes: readonly Scheme[]): Target | undefined {
  if (text.length > longestUrl || ambiguous.test(text)) return undefined
  const scheme = schemeAndAuthority.exec(text)?.[1]?.toLowerCase()
  if (!schemes.some((allowed) => allowed === scheme)) return undefined
  const url = URL.parse(text)
  if (url === null || url.port === '0') return undefined
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '')
  return isIP(host) !== 0 || hostName.test(host) ? { url, host } : undefined
}

export type HostAndPort = { readonly host: string; readonly port: number | undefined }

const hostAndPort = /^(?:[a-z]+:\/\/)?(\[[0-9a-f:.]+\]|[^:/?#[\]]+)(?::(\d{1,5}))?([/?#].*)?$/i

/** Reads `host`, `host:port`, `[2001:db8::1]:port`, a bare IPv6 address, and any of them behind a `scheme://`. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  if (text.length > longestUrl || ambiguous.test(text)) return undefined
  if (isIP(text) === 6) return parseHostAndPort(`[${text}]`)
  const [, written, portText, rest] = hostAndPort.exec(text) ?? []
  // A path belongs to a URL; behind a bare host it is a mistake.
  if (written === undefined || (rest !== undefined && !text.includes('://'))) return undefined
  const port = portText === undefined ? undefined : Number(portText)
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined
  const host = parseTarget(`http://${written}`, ['http'])?.host
  return host === undefined ? undefined : { host, port }
}

const localEndings = ['localhost', 'localdomain', 'local', 'internal', 'intranet', 'lan', 'home.arpa', 'svc']

/** Names that mean something only on this machine or its own network; one without a dot always does. */
export function isLocalName(host: string): boolean {
  if (isIP(host) !== 0) return false
  return !host.includes('.') || localEndings.some((ending) => host.endsWith(`.${ending}`))
}
