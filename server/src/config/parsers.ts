import { type Plan, plans } from '@owlery/spec'
import { type AddressRange, matchAddresses, parseAddressRange } from './addresses.ts'

/** `mustBe` ends the sentence "NAME must be …" and never quotes the text: it may be a secret. */
export type Parsed<T> = { readonly value: T } | { readonly mustBe: string }
export type Parser<T> = (text: string) => Parsed<T>

export function oneOf<const T extends string>(...allowed: readonly T[]): Parser<T> {
  return (text) => {
    const value = allowed.find((candidate) => candidate === text)
    return value === undefined ? { mustBe: `one of ${allowed.join(', ')}` } : { value }
  }
}

export function wholeNumber(least: number, most: number): Parser<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? { value } : { mustBe: `a whole number from ${least} to ${most}` }
  }
}

export function decimalNumber(least: number, most: number): Parser<number> {
  return (text) => {
    const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? { value } : { mustBe: `a number from ${least} to ${most}` }
  }
}

export const anyText: Parser<string> = (value) => ({ value })

export function matching(pattern: RegExp, mustBe: string): Parser<string> {
  return (text) => (pattern.test(text) ? { value: text } : { mustBe })
}

export function urlWithScheme(...schemes: readonly string[]): Parser<string> {
  return (text) => {
    const url = URL.parse(text)
    return url !== null && url.hostname !== '' && schemes.includes(url.protocol.slice(0, -1))
      ? { value: text }
      : { mustBe: `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')} and names a host` }
  }
}

export const webOrigin: Parser<string> = (text) => {
  const url = URL.parse(text)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  return url !== null && isWeb && text.replace(/\/$/, '').toLowerCase() === url.origin
    ? { value: url.origin }
    : {
        mustBe: 'an http or https origin without a path, a default port or credentials, such as https://owlery.example',
      }
}

const thisMachine = matchAddresses(['127.0.0.0/8', '::1'].flatMap((range) => parseAddressRange(range) ?? []))

/** Whoever sends secrets there sends them encrypted, unless they do not leave the machine. */
export const serverOrigin: Parser<string> = (text) => {
  const parsed = webOrigin(text)
  if ('mustBe' in parsed) return parsed
  const { protocol, hostname } = new URL(parsed.value)
  const isHere = hostname === 'localhost' || thisMachine(hostname.replace(/^\[|\]$/g, ''))
  return protocol === 'https:' || isHere ? parsed : { mustBe: 'an https origin, or an http one on this machine' }
}

/** Weak by construction, whatever its length: a repeated character or a short pattern over and over. */
function isMonotonous(secret: string): boolean {
  return new Set(secret).size < 8
}

export function strongSecret(leastLength: number): Parser<string> {
  return (text) =>
    text.length >= leastLength && text.length <= 4096 && !isMonotonous(text)
      ? { value: text }
      : { mustBe: `a random text of at least ${leastLength} characters, at least 8 of them different` }
}

export function listOf<T>(parse: Parser<T>, most = 100): Parser<readonly T[]> {
  return (text) => {
    const values: T[] = []
    for (const part of text.split(',')) {
      const item = part.trim()
      if (item === '') continue
      const parsed = parse(item)
      if ('mustBe' in parsed) return { mustBe: `a comma-separated list, each item ${parsed.mustBe}` }
      values.push(parsed.value)
    }
    return values.length <= most ? { value: values } : { mustBe: `a list of at most ${most} items` }
  }
}

export const addressRange: Parser<AddressRange> = (text) => {
  const value = parseAddressRange(text)
  return value === undefined ? { mustBe: 'an IP address or a range such as 10.0.0.0/8 or fd00::/8' } : { value }
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

export const rangeOrHost: Parser<AddressRange | string> = (text) => {
  const range = parseAddressRange(text)
  if (range !== undefined) return { value: range }
  const name = text.toLowerCase()
  // What ends in a number is read by URL parsers as an IPv4 address, so it is no name.
  return hostName.test(name) && !/(^|\.)\d+$/.test(name)
    ? { value: name }
    : { mustBe: 'an IP address, a range such as 10.0.0.0/8, or a host name' }
}

export const originsOrAny: Parser<'*' | readonly string[]> = (text) => {
  if (text === '*') return { value: '*' }
  const parsed = listOf(webOrigin)(text)
  return 'mustBe' in parsed ? { mustBe: `* or ${parsed.mustBe}` } : parsed
}

export type NamedKey = { readonly id: string; readonly key: string }

export const namedKey: Parser<NamedKey> = (text) => {
  const separator = text.indexOf(':')
  const id = text.slice(0, Math.max(separator, 0))
  const key = text.slice(separator + 1)
  return /^[A-Za-z0-9_.-]{1,32}$/.test(id) && 'value' in strongSecret(32)(key)
    ? { value: { id, key } }
    : { mustBe: 'id:key, the id of letters, digits, _ . or -, the key at least 32 random characters without a comma' }
}

export const emailAddress = matching(
  /^(?=.{3,254}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
  'an e-mail address',
)

export const mailbox: Parser<string> = (text) => {
  const inBrackets = /^[^<>"\r\n]{0,100}<([^<>\s]+)>$/.exec(text)?.[1]
  return 'value' in emailAddress(inBrackets ?? text)
    ? { value: text }
    : { mustBe: 'an e-mail address, or a name and the address in < >' }
}

export type ChosenPlan = { readonly slug: string; readonly plan: Plan }

export const plan: Parser<Plan> = oneOf(...plans)

/** `acme:startup` */
export const chosenPlan: Parser<ChosenPlan> = (text) => {
  const [slug = '', name = '', ...rest] = text.split(':')
  const parsed = plan(name)
  return /^[a-z0-9-]{1,64}$/.test(slug) && 'value' in parsed && rest.length === 0
    ? { value: { slug, plan: parsed.value } }
    : { mustBe: `slug:plan, the slug of an organization and one of ${plans.join(', ')}` }
}
