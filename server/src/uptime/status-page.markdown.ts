import { escapeHtml } from '../escape-html.ts'

const mostLines = 2000

/**
 * The part of Markdown that an update needs: paragraphs, lists, headings, code, emphasis, and links to the web. Text is
 * escaped before anything is made of it, so whatever is not one of these is text.
 */
export function renderMarkdown(source: string): string {
  const blocks: string[] = []
  let lines = source.replaceAll('\r\n', '\n').split('\n').slice(0, mostLines)
  while (lines.length > 0) {
    const { html, taken } = nextBlock(lines)
    if (html !== '') blocks.push(html)
    lines = lines.slice(taken)
  }
  return blocks.join('\n')
}

type Block = { readonly html: string; readonly taken: number }

function nextBlock(lines: readonly string[]): Block {
  const [first = ''] = lines
  if (first.trim() === '') return { html: '', taken: 1 }
  if (first.startsWith('```')) return codeBlock(lines)
  const heading = /^#{1,6}\s+(.+)$/.exec(first)
  // One size for all: the page around it has the headings that lead up to here.
  if (heading !== null) return { html: `<p><strong>${inline(heading[1] ?? '')}</strong></p>`, taken: 1 }
  for (const { tag, item } of lists) if (item.test(first)) return listBlock(lines, tag, item)
  const end = lines.findIndex((line, index) => index > 0 && (line.trim() === '' || line.startsWith('```')))
  const taken = end < 0 ? lines.length : end
  return { html: `<p>${inline(lines.slice(0, taken).join('\n')).replaceAll('\n', '<br>')}</p>`, taken }
}

const lists = [
  { tag: 'ul', item: /^\s{0,3}[-*+]\s+(.*)$/ },
  { tag: 'ol', item: /^\s{0,3}\d{1,9}[.)]\s+(.*)$/ },
] as const

function listBlock(lines: readonly string[], tag: string, item: RegExp): Block {
  const end = lines.findIndex((line) => !item.test(line))
  const taken = end < 0 ? lines.length : end
  const items = lines.slice(0, taken).map((line) => `<li>${inline(item.exec(line)?.[1] ?? '')}</li>`)
  return { html: `<${tag}>${items.join('')}</${tag}>`, taken }
}

function codeBlock(lines: readonly string[]): Block {
  const end = lines.findIndex((line, index) => index > 0 && line.startsWith('```'))
  const last = end < 0 ? lines.length : end
  const code = escapeHtml(lines.slice(1, last).join('\n'))
  return { html: `<pre tabindex="0"><code>${code}</code></pre>`, taken: Math.min(lines.length, last + 1) }
}

/** Code first, because nothing within it is anything else; then links, then emphasis in what is left. */
function inline(text: string): string {
  return text
    .split(/(`[^`\n]{1,1000}`)/)
    .map((part, index) => (index % 2 === 1 ? `<code>${escapeHtml(part.slice(1, -1))}</code>` : linked(part)))
    .join('')
}

const link = /\[([^\][\n]{1,500})\]\((https?:\/\/[^\s()<>"'`]{1,2000})\)/

/** Splitting at a pattern with two groups gives text, label, address, text, label, address … */
function linked(text: string): string {
  const pieces = text.split(link)
  let html = ''
  for (let at = 0; at < pieces.length; at += 3) {
    const [before = '', label, address] = pieces.slice(at, at + 3)
    html += emphasized(escapeHtml(before))
    if (label === undefined || address === undefined) continue
    html += `<a href="${escapeHtml(address)}" rel="nofollow noopener">${emphasized(escapeHtml(label))}</a>`
  }
  return html
}

function emphasized(escaped: string): string {
  return escaped
    .replaceAll(/\*\*(?=\S)([^*\n]{1,1000}?)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/(^|[\s(])[*_](?=\S)([^*_\n]{1,1000}?)[*_](?=$|[\s.,;:!?)])/g, '$1<em>$2</em>')
}
