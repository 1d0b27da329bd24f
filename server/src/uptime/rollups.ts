/**
 * Rollups count checks per hour and per day (UTC): `up`, `degraded` and `down` are those that uptime is made of,
 * `in_maintenance` those that it leaves out, whatever they found. Response times are those of checks outside of
 * maintenance that were not down.
 */

/**
 * The buckets of `histogram`, by the largest response time in milliseconds that still belongs to each; one more follows
 * for all that is slower. Stored counts depend on them: they are never changed.
 */
const responseTimeBounds = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000,
  10_000, 15_000, 20_000, 30_000,
] as const

export const bucketCount = responseTimeBounds.length + 1

export function bucketOf(milliseconds: number): number {
  const index = responseTimeBounds.findIndex((bound) => milliseconds <= bound)
  return index < 0 ? responseTimeBounds.length : index
}

export function mergeHistograms(histograms: Iterable<readonly number[]>): number[] {
  const merged = new Array<number>(bucketCount).fill(0)
  for (const histogram of histograms) {
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      merged[bucket] = (merged[bucket] ?? 0) + (histogram[bucket] ?? 0)
    }
  }
  return merged
}

export type Extent = { readonly min: number; readonly max: number }

/**
 * The response time that this share of all checks (0 to 1) did not exceed, to the width of a bucket; null without any.
 * `extent` is the true fastest and slowest, which narrows the outer buckets.
 */
export function percentileOf(histogram: readonly number[], share: number, extent: Extent): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = share * total
  let before = 0
  for (const [bucket, count] of histogram.entries()) {
    if (count > 0 && before + count >= rank) {
      const low = Math.max(extent.min, responseTimeBounds[bucket - 1] ?? 0)
      const high = Math.min(extent.max, responseTimeBounds[bucket] ?? extent.max)
      return Math.round(low + (Math.max(high, low) - low) * Math.max(0, (rank - before) / count))
    }
    before += count
  }
  return extent.max
}
