import { type IdentityLimitName, identityLimits, type Limit, type LimitName, limits } from '@owlery/spec'
import { Limiter, type LimiterState, type Sharing } from '../limits/limiter.ts'
import type { Rule, Taken } from '../limits/rule.ts'
import { type Actor, nameOf } from './actor.ts'
import { networkOf } from './address.ts'
import { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

/** The limits that records name, with their counters. */
export type RequestLimits = {
  takeForAddress(name: LimitName, address: string): Taken | Promise<Taken>
  takeForIdentity(name: IdentityLimitName, identity: string): Taken | Promise<Taken>
  state(): LimiterState
  close(): Promise<void>
}

/** `scale` multiplies every limit; 0 turns them off. Without `sharing` this process counts alone. */
export function createRequestLimits(scale: number, sharing?: Sharing): RequestLimits | undefined {
  if (scale === 0) return undefined
  const limiter = new Limiter(sharing)
  const scaled = (points: number) => Math.max(1, Math.floor(points * scale))
  const windows = rulesOf(limits, ({ points, seconds }) => ({
    kind: 'window',
    points: scaled(points),
    ms: seconds * 1000,
  }))
  const buckets = rulesOf(identityLimits, ({ capacity, perSecond }) => ({
    kind: 'bucket',
    points: scaled(capacity),
    ms: (capacity / perSecond) * 1000,
  }))
  return {
    takeForAddress: (name, address) => limiter.take(windows(name), `${name}:${networkOf(address)}`),
    takeForIdentity: (name, identity) => limiter.take(buckets(name), `identity:${name}:${identity}`),
    state: () => limiter.state(),
    close: () => limiter.close(),
  }
}

function rulesOf<V>(named: Readonly<Record<string, V>>, toRule: (value: V) => Rule): (name: string) => Rule {
  const rules = new Map(Object.entries(named).map(([name, value]) => [name, toRule(value)]))
  return (name) => {
    const rule = rules.get(name)
    if (rule === undefined) throw new Error(`there is no limit ${name}`)
    return rule
  }
}

/** Before anything else is looked at: whoever floods costs no more than this. */
export async function limitAddress(incoming: Incoming): Promise<void> {
  const name = incoming.route.operation.limit
  const { requestLimits } = incoming.services
  if (name === null || requestLimits === undefined) return
  const taken = await requestLimits.takeForAddress(name, incoming.address)
  incoming.headers['X-RateLimit-Limit'] = String(taken.points)
  incoming.headers['X-RateLimit-Remaining'] = String(taken.left)
  incoming.headers['X-RateLimit-Reset'] = String(Math.ceil((incoming.now.getTime() + taken.msUntilReset) / 1000))
  const limit: Limit = limits[name]
  if (!taken.allowed) throw tooMany(limit.code ?? 'RATE_LIMITED', taken)
}

/** A person's sessions share one bucket, and so do all operations that name the same limit. */
export async function limitIdentity(incoming: Incoming, actor: Actor | undefined): Promise<void> {
  const name = incoming.route.operation.identityLimit
  const { requestLimits } = incoming.services
  if (name === undefined || requestLimits === undefined || actor === undefined) return
  const taken = await requestLimits.takeForIdentity(name, nameOf(actor))
  if (!taken.allowed) throw tooMany('RATE_LIMITED', taken)
}

function tooMany(code: 'RATE_LIMITED' | NonNullable<Limit['code']>, { msUntilNext }: Taken): ApiError {
  const seconds = Math.max(1, Math.ceil(msUntilNext / 1000))
  return new ApiError(code, { status: 429, headers: { 'Retry-After': String(seconds) } })
}
