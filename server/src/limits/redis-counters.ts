import { Redis } from 'ioredis'
import type { SharedCounters, Total } from './shared-counters.ts'

// For each key: points that passed, points asked for, points it holds, milliseconds, and 1 if it is a bucket. Numbers come
// back as text, since Redis would cut their fractions off.
const spendScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local totals = {}
for index, key in ipairs(KEYS) do
  local first = (index - 1) * 5
  local passed, asked = tonumber(ARGV[first + 1]), tonumber(ARGV[first + 2])
  local most, ms = tonumber(ARGV[first + 3]), tonumber(ARGV[first + 4])
  local kept = redis.call('HMGET', key, 'used', 'since')
  local used, since = tonumber(kept[1]) or 0, tonumber(kept[2]) or now
  if ARGV[first + 5] == '1' then
    used = math.max(0, used - math.max(0, now - since) * most / ms)
    since = math.max(since, now)
  elseif now - since >= ms then
    used, since = 0, now
  end
  used = used + passed + asked
  local refused = math.min(asked, math.ceil(math.max(0, used - most)))
  redis.call('HSET', key, 'used', string.format('%.6f', used - refused), 'since', string.format('%.3f', since))
  redis.call('PEXPIRE', key, math.ceil(ms + since - now) + 1)
  totals[#totals + 1] = string.format('%.6f', used)
  totals[#totals + 1] = string.format('%.3f', now - since)
end
return totals`

const prefix = 'owlery:limits:'

export function createRedisCounters(url: string): SharedCounters {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 1000,
    commandTimeout: 1000,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(100 * times, 2000),
  })
  // Whoever asks hears of it; unheard, the event would end up on standard error.
  redis.on('error', () => undefined)
  return {
    name: 'redis',
    add: async (spendings) => {
      const keys = spendings.map(({ key }) => prefix + key)
      const values = spendings.flatMap(({ passed, asked, rule }) => [
        passed,
        asked,
        rule.points,
        rule.ms,
        rule.kind === 'bucket' ? 1 : 0,
      ])
      const answer: unknown = await redis.eval(spendScript, keys.length, ...keys, ...values)
      return readTotals(answer, spendings.length)
    },
    probe: async () => {
      await redis.ping()
    },
    close: async () => redis.disconnect(),
  }
}

function readTotals(answer: unknown, count: number): Total[] {
  if (!Array.isArray(answer) || answer.length !== count * 2)
    throw new Error('Redis answered something else than totals')
  return Array.from({ length: count }, (_, index) => ({
    used: Number(answer[index * 2]),
    ageMs: Math.max(0, Number(answer[index * 2 + 1])),
  }))
}
