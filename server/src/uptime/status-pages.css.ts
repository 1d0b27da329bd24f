/**
 * Why a page's own style is refused. The policy of the page stops what it would load anyway; this tells whoever writes
 * it, and keeps out what could end the style element or run in an old browser.
 */
export function faultOfCss(css: string): string | undefined {
  const text = readable(css)
  // Once with comments, since a string may look like one and hide what follows, and once without, since they may hide a
  // word each.
  return faultIn(text) ?? faultIn(text.replaceAll(/\/\*[\s\S]*?(\*\/|$)/g, ''))
}

function faultIn(text: string): string | undefined {
  for (const [pattern, fault] of forbidden) if (pattern.test(text)) return fault
  for (const [, target = ''] of text.matchAll(/url\(\s*["']?([^"')]*)/g)) {
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

/** As a browser reads it: escapes undone. */
function readable(css: string): string {
  return css
    .replaceAll(/\r\n|[\r\f]/g, '\n')
    .replaceAll(/\\([0-9a-fA-F]{1,6})\s?/g, (_, digits: string) => fromDigits(digits))
    .replaceAll(/\\(.)/gs, '$1')
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
