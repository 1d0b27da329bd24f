import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Database } from '@owlery/server/db/connect.ts'
import { Limiter } from '@owlery/server/limits/limiter.ts'
import { createPostgresCounters } from '@owlery/server/limits/postgres-counters.ts'
import { createRedisCounters } from '@owlery/server/limits/redis-counters.ts'
import type { Rule, Taken } from '@owlery/server/limits/rule.ts'
import type { SharedCounters } from '@owlery/server/limits/shared-counters.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { startRedis } from '../../scripts/lib/temporary-redis.ts'
import { freshDatabase } from '../support/database.ts'

const window100: Rule = { kind: 'window', points: 100, ms: 60_000 }
const window10: Rule = { kind: 'window', points: 10, ms: 60_000 }
const bucket100: Rule = { kind: 'bucket', points: 100, ms: 10_000 }

const take = async (limiter: Limiter, rule: Rule, key: string) => (await limiter.take(rule, key)).allowed
async function allowed(limiters: readonly Limiter[], rule: Rule, key: string, each: number): Promise<number> {
  const calls = limiters.flatMap((limiter) => Array.from({ length: each }, () => take(limiter, rule, key)))
  return (await Promise.all(calls)).filter(Boolean).length
}

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

/** Without what is garbage already, which the files before this one may have left too. */
function heapInUse(): number {
  if (typeof collectGarbage === 'function') collectGarbage()
  return process.memoryUsage().heapUsed
}

describe('one process', () => {
  it('gives all points of a window back at its end, and none before', async () => {
    let now = 0
    const limiter = new Limiter(undefined, () => now)
    expect(await allowed([limiter], window10, 'a', 25)).toBe(10)
    now = 59_999
    expect(await limiter.take(window10, 'a')).toMatchObject({ allowed: false, left: 0, msUntilNext: 1 })
    now = 60_000
    expect(await limiter.take(window10, 'a')).toMatchObject({ allowed: true, left: 9, msUntilReset: 60_000 })
  })

  it('fills a bucket steadily, and never above its edge', async () => {
    let now = 0
    const limiter = new Limiter(undefined, () => now)
    expect(await allowed([limiter], bucket100, 'a', 130)).toBe(100)
    expect(await limiter.take(bucket100, 'a')).toMatchObject({ allowed: false, msUntilNext: 100, msUntilReset: 10_000 })
    now = 1000
    expect(await allowed([limiter], bucket100, 'a', 130)).toBe(10)
    now = 1050
    expect(await limiter.take(bucket100, 'a')).toMatchObject({ allowed: false, left: 0, msUntilNext: 50 })
    now = 1_000_000
    expect(await allowed([limiter], bucket100, 'a', 130)).toBe(100)
  })

  it('keeps a bounded number of keys', async () => {
    const limiter = new Limiter()
    const before = heapInUse()
    for (let index = 0; index < 500_000; index++) limiter.take(window100, `key ${index}`)
    expect(heapInUse() - before).toBeLessThan(100 * 1024 * 1024)
    expect(await allowed([limiter], window10, 'after', 25)).toBe(10)
  })
})

const redis = await startRedis()
afterAll(() => redis?.kill())

describe.each(redis === undefined ? ['database'] : ['database', 'redis'])(
  'two processes that meet in the %s',
  (kind) => {
    const logged: string[] = []
    const log = createLogTo({ write: (line) => void logged.push(line) }, 'info')
    const opened: Limiter[] = []
    let database: Database | undefined
    afterEach(async () => {
      for (const limiter of opened.splice(0)) await limiter.close()
      logged.length = 0
    })
    afterAll(() => database?.close())

    async function counters(): Promise<SharedCounters> {
      if (kind === 'redis') return createRedisCounters(redis?.url ?? '')
      database ??= await freshDatabase()
      return createPostgresCounters(database.db)
    }
    async function open(change: (counters: SharedCounters) => SharedCounters = (same) => same): Promise<Limiter> {
      const limiter = new Limiter({ counters: change(await counters()), log })
      opened.push(limiter)
      return limiter
    }

    it('exceed a limit by the allowance of one of them at most', async () => {
      const both = [await open(), await open()]
      const passed = await allowed(both, window100, 'flood', 400)
      expect(passed).toBeGreaterThanOrEqual(100)
      expect(passed).toBeLessThanOrEqual(105)
      expect(await allowed(both, window100, 'flood', 50)).toBe(0)
    })

    it('keep small limits exactly', async () => {
      const both = [await open(), await open(), await open()]
      expect(await allowed(both, window10, 'small', 40)).toBe(10)
    })

    it('hear of each other within the interval when nobody is in a hurry', async () => {
      const [one, other] = [await open(), await open()]
      for (let index = 0; index < 4; index++) await one.take(window100, 'calm')
      await setTimeout(250)
      await allowed([other], window100, 'calm', 6)
      expect(await other.take(window100, 'calm')).toMatchObject({ allowed: true, left: 100 - 4 - 7 })
    })

    it('agree on the window, which ends for both', async () => {
      const brief: Rule = { kind: 'window', points: 10, ms: 1500 }
      const [one, other] = [await open(), await open()]
      expect(await allowed([one], brief, 'brief', 10)).toBe(10)
      await setTimeout(300)
      const refused = await other.take(brief, 'brief')
      expect(refused.allowed).toBe(false)
      expect(refused.msUntilReset).toBeLessThanOrEqual(1220)
      await setTimeout(refused.msUntilReset + 5)
      expect(await allowed([one, other], brief, 'brief', 20)).toBe(10)
    })

    it('fill and drain one bucket together, however long they are flooded', async () => {
      const brisk: Rule = { kind: 'bucket', points: 100, ms: 2000 }
      const both = [await open(), await open()]
      const started = performance.now()
      let passed = 0
      while (performance.now() - started < 2000) {
        passed += await allowed(both, brisk, 'bucket', 20)
        await setTimeout(10)
      }
      const refilled = Math.ceil((performance.now() - started) / 20)
      expect(passed).toBeGreaterThanOrEqual(100 + refilled / 2)
      expect(passed).toBeLessThanOrEqual(100 + 5 + refilled)
    })

    it.each([
      ['fails', (): Promise<never> => Promise.reject(new Error('away'))],
      ['hangs', () => new Promise<never>(() => undefined)],
    ])('count for themselves while it %s, say so once, and meet again by themselves', async (_how, away) => {
      let isAway = true
      const limiter = await open((real) => ({
        ...real,
        add: (spendings) => (isAway ? away() : real.add(spendings)),
        probe: () => (isAway ? away() : real.probe()),
      }))
      expect(limiter.state().status).toBe('ok')
      const key = `outage ${_how}`
      const started = performance.now()
      const taken: Taken[] = []
      for (let index = 0; index < 25; index++) taken.push(await limiter.take(window10, key))
      expect(performance.now() - started).toBeLessThan(2000)
      expect(taken.filter((one) => one.allowed)).toHaveLength(10)
      expect(limiter.state().status).toBe('degraded')
      expect(logged.filter((line) => line.includes('not shared'))).toHaveLength(1)

      isAway = false
      await vi.waitFor(() => expect(limiter.state().status).toBe('ok'), { timeout: 5000 })
      expect(logged.filter((line) => line.includes('shared again'))).toHaveLength(1)
      const both = [limiter, await open()]
      expect(await allowed(both, window10, `${key}, after`, 20)).toBe(10)
    })
  },
)
