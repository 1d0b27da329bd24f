import { escapeHtml } from '../escape-html.ts'

const mostLines = 2000
/** Lists and quotes within each other; whatever is deeper is text. */
const mostLevels = 4

/**
 * The part of Markdown that an update or a postmortem needs: paragraphs, lists, quotes, headings, rules, code,
 * emphasis, and links to the web. Text is escaped before anything is made of it, so whatever is not one of these is text.
 */
export function renderMarkdown(source: string): string {
  // The character that stands for finished parts of a line must not come from outside.
  const lines = source.replaceAll('\0', '').replaceAll('\r\n', '\n').split('\n').slice(0, mostLines)
  return blocksOf(lines, 0)
}

type Block = { readonly html: string; readonly taken: number }

function blocksOf(lines: readonly string[], level: number): string {
  const blocks: string[] = []
  let rest = lines
  while (rest.length > 0) {
    const { html, taken } = nextBlock(rest, level)
    if (html !== '') blocks.push(html)
    rest = rest.slice(taken)
  }
  return blocks.join('\n')
}

const fence = /^```/
const heading = /^#{1,6}\s+(.+)$/
const rule = /^ {0,3}([-*_])( *\1){2,} *$/
const quote = /^ {0,3}> ?/
const lists = [
  { tag: 'ul', item: /^\s*[-*+]\s+(.*)$/, interrupts: /^\s{0,3}[-*+]\s+\S/ },
  { tag: 'ol', item: /^\s*(?:\d{1,9})[.)]\s+(.*)$/, interrupts: /^\s{0,3}1[.)]\s+\S/ },
] as const
type List = (typeof lists)[number]

/** What ends a paragraph without a blank line before it. Only a first number does: others may stand in a sentence. */
const interrupting = [fence, heading, rule, quote, ...lists.map(({ interrupts }) => interrupts)]
const interrupts = (line: string) => interrupting.some((pattern) => pattern.test(line))

function nextBlock(lines: readonly string[], level: number): Block {
  const [first = ''] = lines
  if (first.trim() === '') return { html: '', taken: 1 }
  if (fence.test(first)) return codeBlock(lines)
  const title = heading.exec(first)?.[1]
  // One size for all: the page around it has the headings that lead up to here.
  if (title !== undefined) return { html: `<p class="title"><strong>${inline(title)}</strong></p>`, taken: 1 }
  if (rule.test(first)) return { html: '<hr>', taken: 1 }
  if (level < mostLevels) {
    if (quote.test(first)) return quoteBlock(lines, level)
    for (const list of lists) if (list.item.test(first)) return listBlock(lines, list, level)
  }
  const end = lines.findIndex((line, index) => index > 0 && (line.trim() === '' || interrupts(line)))
  const taken = end < 0 ? lines.length : end
  return { html: `<p>${inline(lines.slice(0, taken).join('\n')).replaceAll('\n', '<br>')}</p>`, taken }
}

function codeBlock(lines: readonly string[]): Block {
  const end = lines.findIndex((line, index) => index > 0 && fence.test(line))
  const last = end < 0 ? lines.length : end
  const code = escapeHtml(lines.slice(1, last).join('\n'))
  return { html: `<pre tabindex="0"><code>${code}</code></pre>`, taken: Math.min(lines.length, last + 1) }
}

function quoteBlock(lines: readonly string[], level: number): Block {
  const end = lines.findIndex((line) => !quote.test(line))
  const taken = end < 0 ? lines.length : end
  const told = lines.slice(0, taken).map((line) => line.replace(quote, ''))
  return { html: `<blockquote>${blocksOf(told, level + 1)}</blockquote>`, taken }
}

const indentOf = (line: string) => line.length - line.trimStart().length

/** Its items with what is indented below each, and with the lines that go on without being indented. */
function listBlock(lines: readonly string[], { tag, item }: List, level: number): Block {
  const [first = ''] = lines
  const within = indentOf(first) + 2
  const items: string[][] = []
  let taken = 0
  for (const [index, line] of lines.entries()) {
    const isBlank = line.trim() === ''
    const isInner = indentOf(line) >= within
    const text = isInner || rule.test(line) ? undefined : item.exec(line)?.[1]
    if (text !== undefined) items.push([text])
    else if (isInner) items.at(-1)?.push(line.slice(within))
    else if (!isBlank && (lines[index - 1]?.trim() === '' || interrupts(line))) break
    else items.at(-1)?.push(line)
    taken = isBlank ? taken : index + 1
  }
  // A paragraph of its own would stand apart from the others.
  const inner = items.map((own) => `<li>${blocksOf(own, level + 1).replace(/^<p>(.*?)<\/p>/, '$1')}</li>`)
  const start = Number.parseInt(first.trimStart(), 10)
  const from = start > 1 ? ` start="${start}"` : ''
  return { html: `<${tag}${from}>${inner.join('')}</${tag}>`, taken }
}

const address = '[^\\s<>"\'`]'
const special = new RegExp(
  [
    '`([^`\\n]{1,1000})`',
    `!?\\[([^\\][\\n]{1,500})\\]\\((https?://[^\\s()<>"'\`]{1,2000})\\)`,
    // By itself: what ends a sentence behind it is not part of it.
    `<?\\b(https?://${address}{0,2000}[^\\s<>"'\`.,;:!?()\\]*_])>?`,
  ].join('|'),
  'g',
)

/** Code and links first, because nothing within them is anything else; each is a mark while emphasis is made around it. */
function inline(text: string): string {
  const made: string[] = []
  const marked = text.replaceAll(special, (_whole, code?: string, label?: string, target?: string, bare?: string) => {
    if (code !== undefined) made.push(`<code>${escapeHtml(code)}</code>`)
    else made.push(linkTo(target ?? bare ?? '', label))
    return `\0${made.length - 1}\0`
  })
  return emphasized(escapeHtml(marked)).replaceAll(/\0(\d+)\0/g, (_whole, index: string) => made[Number(index)] ?? '')
}

function linkTo(target: string, label?: string): string {
  const shown = label === undefined ? escapeHtml(target) : emphasized(escapeHtml(label))
  return `<a href="${escapeHtml(target)}" rel="nofollow noopener">${shown}</a>`
}

function emphasized(escaped: string): string {
  return escaped
    .replaceAll(/\*\*(?=\S)([^*\n]{1,1000}?)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/(^|[\s(])[*_](?=\S)([^*_\n]{1,1000}?)[*_](?=$|[\s.,;:!?)])/g, '$1<em>$2</em>')
}
