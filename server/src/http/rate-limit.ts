import { type Limit, type LimitName, limits } from '@owlery/spec'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

export type AddressLimits = { take(name: LimitName, address: string): Promise<Taken> }
type Taken = {
  readonly allowed: boolean
  readonly points: number
  readonly left: number
  readonly msUntilReset: number
}

/** One counter per bucket and address. `scale` multiplies every limit; 0 turns them off. */
export function createAddressLimits(scale: number): AddressLimits | undefined {
  if (scale === 0) return undefined
  const buckets = new Map<LimitName, { limiter: RateLimiterMemory; points: number }>()
  for (const [name, limit] of namedLimits()) {
    const points = Math.max(1, Math.floor(limit.points * scale))
    buckets.set(name, { limiter: new RateLimiterMemory({ points, duration: limit.seconds }), points })
  }
  return {
    take: async (name, address) => {
      const bucket = buckets.get(name)
      if (bucket === undefined) throw new Error(`no bucket ${name}`)
      const result = await bucket.limiter.consume(address).catch((refusal: unknown) => refusal)
      if (!(result instanceof RateLimiterRes)) throw result
      return {
        allowed: result.consumedPoints <= bucket.points,
        points: bucket.points,
        left: Math.max(0, result.remainingPoints),
        msUntilReset: result.msBeforeNext,
      }
    },
  }
}

function namedLimits(): [LimitName, Limit][] {
  return isLimitNames(Object.keys(limits)).map((name) => [name, limits[name]])
}

function isLimitNames(names: readonly string[]): LimitName[] {
  return names.filter((name): name is LimitName => Object.hasOwn(limits, name))
}

export async function limitAddress(incoming: Incoming): Promise<void> {
  const name = incoming.route.operation.limit
  const { addressLimits } = incoming.services
  if (name === null || addressLimits === undefined) return
  const taken = await addressLimits.take(name, incoming.address)
  const seconds = Math.max(1, Math.ceil(taken.msUntilReset / 1000))
  incoming.headers['X-RateLimit-Limit'] = String(taken.points)
  incoming.headers['X-RateLimit-Remaining'] = String(taken.left)
  incoming.headers['X-RateLimit-Reset'] = String(Math.ceil((incoming.now.getTime() + taken.msUntilReset) / 1000))
  if (taken.allowed) return
  const limit: Limit = limits[name]
  throw new ApiError(limit.code ?? 'RATE_LIMITED', { status: 429, headers: { 'Retry-After': String(seconds) } })
}
