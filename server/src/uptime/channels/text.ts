// Line breaks would end a field, and direction marks would let an error text rewrite the words around it.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu

export function oneLine(text: string): string {
  return text.replace(unprintable, ' ').trim()
}

/** Services count in UTF-16 units; a character is never cut in two. */
export function clip(text: string, longest: number): string {
  if (text.length <= longest) return text
  return `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** What both Slack's markup and Telegram's HTML ask for. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
