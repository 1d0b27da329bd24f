/** Each color carries white text at a contrast of at least 4.5. */
const colors = {
  up: '#2b7a0b',
  degraded: '#9a5b00',
  down: '#c0362c',
  paused: '#5f6b7a',
  unknown: '#6a6a6a',
} as const

export type BadgeState = keyof typeof colors

const label = 'uptime'
// Advance widths of 11 px Verdana; `textLength` holds other fonts to the same measure.
const narrow = /[ijlft.]/g
const textWidth = (text: string) => Math.round(text.length * 7 - (text.match(narrow)?.length ?? 0) * 2.5)

/** Twenty pixels high, what is measured on the left, how it is on the right. */
export function badgeSvg(state: BadgeState): string {
  const left = textWidth(label) + 10
  const right = textWidth(state) + 10
  const width = left + right
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" viewBox="0 0 ${width} 20" role="img" aria-label="${label}: ${state}">
<title>${label}: ${state}</title>
<clipPath id="round"><rect width="${width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)"><rect width="${left}" height="20" fill="#484848"/><rect x="${left}" width="${right}" height="20" fill="${colors[state]}"/></g>
<g fill="#fff" font-family="Verdana, Geneva, DejaVu Sans, sans-serif" font-size="11" text-anchor="middle">
<text x="${left / 2}" y="14" textLength="${left - 10}">${label}</text>
<text x="${left + right / 2}" y="14" textLength="${right - 10}">${state}</text>
</g></svg>
`
}
