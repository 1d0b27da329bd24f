/**
 * How many points a key may spend. A `window` begins with its first request and gives all points back at its end; a
 * `bucket` gives them back steadily, all of them within `ms`.
 */
export type Rule = { readonly kind: 'window' | 'bucket'; readonly points: number; readonly ms: number }

/** `used` points as of `at`: the start of the window, or the moment the bucket was last counted. */
export type Level = { readonly used: number; readonly at: number }

export type Taken = {
  readonly allowed: boolean
  readonly points: number
  readonly left: number
  /** Until all points are back. */
  readonly msUntilReset: number
  /** Until one more request passes; 0 if one passes now. */
  readonly msUntilNext: number
}

export function usedAt(rule: Rule, level: Level, now: number): number {
  const passed = now - level.at
  if (rule.kind === 'window') return passed < rule.ms ? level.used : 0
  return Math.max(0, level.used - (passed * rule.points) / rule.ms)
}

/** How many of the points that were asked for last are above the limit. */
export function refusedOf(rule: Rule, used: number, asked: number): number {
  return Math.min(asked, Math.ceil(Math.max(0, used - rule.points)))
}

/** What a caller hears once `used` points are gone, the one just taken included. */
export function outcome(rule: Rule, allowed: boolean, used: number, windowStart: number, now: number): Taken {
  const { kind, points, ms } = rule
  const left = Math.max(0, Math.floor(points - used))
  const msPerPoint = ms / points
  const msUntilReset = kind === 'window' ? windowStart + ms - now : used * msPerPoint
  const msUntilOne = kind === 'window' ? msUntilReset : (used - (points - 1)) * msPerPoint
  return { allowed, points, left, msUntilReset, msUntilNext: left > 0 ? 0 : msUntilOne }
}
