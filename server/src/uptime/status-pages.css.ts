/**
 * Why a page's own style is refused. The policy of the page stops what it would load anyway; this tells whoever writes
 * it, and keeps out what could end the style element or run in an old browser.
 */
export function faultOfCss(css: string): string | undefined {
  const plain = readable(css)
  for (const [pattern, fault] of forbidden) if (pattern.test(plain)) return fault
  for (const [, target = ''] of plain.matchAll(/url\(\s*["']?([^"')]*)/g)) {
    if (!/^(data:image\/(png|gif|jpeg|webp|svg\+xml)[;,]|#)/.test(target.trim())) {
      return 'url() may hold an image as data: only; nothing is loaded from elsewhere'
    }
  }
  return undefined
}

const forbidden: readonly (readonly [pattern: RegExp, fault: string])[] = [
  [/<\s*\/|<!--|-->/, 'Markup does not belong into a style'],
  [/@(import|namespace|charset|font-face)/, 'Rules that load something are not allowed'],
  [/expression\s*\(|javascript:|vbscript:|behavior\s*:|-moz-binding/, 'Scripts do not belong into a style'],
  [/(image-set|cross-fade|src)\s*\(/, 'Only url() may name an image'],
]

/** As a browser reads it: escapes undone, then without comments, which could hide a word each. */
function readable(css: string): string {
  return css
    .replaceAll(/\\([0-9a-fA-F]{1,6})\s?/g, (_, digits: string) => fromDigits(digits))
    .replaceAll(/\\(.)/gs, '$1')
    .replaceAll(/\/\*[\s\S]*?(\*\/|$)/g, '')
    .toLowerCase()
}

function fromDigits(digits: string): string {
  const point = Number.parseInt(digits, 16)
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd'
}

/** For inside of a style element, whatever is stored. */
export function embeddableCss(css: string): string {
  return faultOfCss(css) === undefined ? css.replaceAll('</', '<\\/') : ''
}
