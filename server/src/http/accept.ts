import { parseAccept } from 'hono/utils/accept'

/** Browsers name HTML; whoever names JSON as well, or names neither, gets JSON. */
export function wantsHtml(headers: Headers): boolean {
  const accepted = parseAccept(headers.get('accept') ?? '').filter(({ q }) => q > 0)
  const weight = (name: string) => accepted.find(({ type }) => type.toLowerCase() === name)?.q ?? 0
  return weight('text/html') > weight('application/json')
}
