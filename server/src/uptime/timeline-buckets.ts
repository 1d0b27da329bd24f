import { mostTimelineBuckets } from '@owlery/spec'

const minute = 60
const hour = 3600
const day = 24 * hour

/** Up to so many hours a piece is as long. Pieces of an hour and of a day are rows of the rollups. */
const usualSizes = [
  { hours: 4, bucketSec: minute },
  { hours: 24, bucketSec: 5 * minute },
  { hours: mostTimelineBuckets, bucketSec: hour },
] as const

export type Buckets = { readonly bucketSec: number; readonly count: number; readonly from: Date }

/** The buckets that end with the one that holds `now`, in step with the clock; or what is wrong with the size. */
export function bucketsOf(
  { hours, bucketSec: asked }: { readonly hours: number; readonly bucketSec?: number | undefined },
  now: Date,
): Buckets | { readonly fault: string } {
  const bucketSec = asked ?? usualSizes.find((usual) => hours <= usual.hours)?.bucketSec ?? day
  const isInStep = bucketSec % hour === 0 ? day % bucketSec === 0 : bucketSec % minute === 0 && hour % bucketSec === 0
  if (!isInStep) return { fault: 'Must be whole minutes that divide an hour, or whole hours that divide a day' }
  const count = Math.ceil((hours * hour) / bucketSec)
  if (count > mostTimelineBuckets) {
    return { fault: `${hours} hours would be ${count} buckets, and ${mostTimelineBuckets} are the most` }
  }
  const last = Math.floor(now.getTime() / 1000 / bucketSec) * bucketSec
  return { bucketSec, count, from: new Date((last - (count - 1) * bucketSec) * 1000) }
}

/** Where the counts of such buckets are read from: the coarsest table that has them. */
export function grainOf(bucketSec: number): 'raw' | 'hourly' | 'daily' {
  if (bucketSec % day === 0) return 'daily'
  return bucketSec % hour === 0 ? 'hourly' : 'raw'
}
