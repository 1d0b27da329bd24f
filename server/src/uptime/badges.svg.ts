import { tagOf } from '../http/content-tag.ts'

/** Each color carries white text at a contrast of at least 4.5. */
const colors = {
  up: '#2b7a0b',
  degraded: '#9a5b00',
  down: '#c0362c',
  paused: '#5f6b7a',
  unknown: '#6a6a6a',
} as const

export type BadgeState = keyof typeof colors
export type Badge = { readonly svg: string; readonly etag: string }

const drawn = new Map<BadgeState, Badge>()

/** What is measured on the left, how it is on the right. There are only as many pictures as states. */
export async function badgeOf(state: BadgeState): Promise<Badge> {
  const kept = drawn.get(state)
  if (kept !== undefined) return kept
  const made = await draw(state)
  drawn.set(state, made)
  return made
}

async function draw(state: BadgeState): Promise<Badge> {
  // Reads a megabyte of font tables, which no start of the service should wait for.
  const { makeBadge } = await import('badge-maker')
  const svg = makeBadge({
    label: 'uptime',
    message: state,
    labelColor: '#484848',
    color: colors[state],
    // Where pages take badges in as markup, the parts of one must not be found by another.
    idSuffix: `-uptime-${state}`,
  })
  return { svg, etag: tagOf(svg) }
}
