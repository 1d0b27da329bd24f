import { setTimeout as delay } from 'node:timers/promises'
import { createBreaks } from '@owlery/server/uptime/engine/breaks.ts'
import { createCollector } from '@owlery/server/uptime/engine/collector.ts'
import { createPulse } from '@owlery/server/uptime/engine/pulse.ts'
import type { CheckedClaim } from '@owlery/server/uptime/engine/results.ts'
import { bucketCount, mergeHistograms, percentileOf } from '@owlery/server/uptime/rollups.ts'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { histogramOf } from '../support/checks.ts'

const result = (monitorId: number): CheckedClaim => ({
  monitorId,
  leaseUntil: new Date(60_000),
  checkedAt: new Date(0),
  finding: { kind: 'result', status: 'up', responseTimeMs: 1, statusCode: 200, errorMessage: null },
  heartbeatSeen: null,
  nextCheckAt: undefined,
})

describe('the collector', () => {
  type Trouble = { readonly poison?: number; isAway: boolean }
  function collect(trouble: Trouble) {
    const written: number[] = []
    const dropped: number[] = []
    let failures = 0
    const collector = createCollector({
      write: async (batch) => {
        if (trouble.isAway || batch.some(({ monitorId }) => monitorId === trouble.poison)) throw new Error('no')
        written.push(...batch.map(({ monitorId }) => monitorId))
      },
      isDatabaseThere: async () => !trouble.isAway,
      onGone: () => undefined,
      onFailure: () => {
        failures += 1
      },
      onSuccess: () => undefined,
      onUnwritable: ({ monitorId }) => dropped.push(monitorId),
    })
    return { collector, written, dropped, failures: () => failures }
  }

  test('loses one result that cannot be stored, and no other', async () => {
    const { collector, written, dropped } = collect({ poison: 7, isAway: false })
    for (let id = 0; id < 20; id += 1) collector.push(result(id))
    await collector.settled()
    expect(dropped).toEqual([7])
    expect(written.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, id) => id).filter((id) => id !== 7),
    )
  })

  test('keeps everything while the database is away', async () => {
    const trouble = { isAway: true }
    const { collector, written, failures } = collect(trouble)
    collector.push(result(1))
    collector.push(result(2))
    await expect.poll(failures).toBeGreaterThan(0)
    trouble.isAway = false
    await collector.settled()
    expect(written).toEqual([1, 2])
  })
})

describe('the pulse', () => {
  test('knows of a pause, also in a callback that the pause held up, and not of one before', async () => {
    const breaks: string[] = []
    const pulse = createPulse((kind) => void breaks.push(kind))
    pulse.start()
    const begun = performance.now()
    const heldUp = new Promise<boolean>((resolve) => setTimeout(() => resolve(pulse.stoodStillSince(begun)), 10))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1300)
    expect(await heldUp).toBe(true)
    await delay(250)
    expect(pulse.stoodStillSince(performance.now() - 5)).toBe(false)
    expect(breaks).toEqual(['pause'])
    pulse.stop()
  })

  test.each([3_600_000, -3_600_000])('knows that the clock was set by %s ms, before its next beat', (ms) => {
    const breaks: string[] = []
    const pulse = createPulse((kind) => void breaks.push(kind))
    pulse.start()
    const set = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + ms)
    pulse.look()
    set.mockRestore()
    pulse.stop()
    pulse.look()
    expect(breaks).toEqual(['clock'])
  })
})

describe('breaks', () => {
  const daily = { interval_sec: 3600, heartbeat_grace_sec: 60 }
  const at = (seconds: number) => new Date(seconds * 1000)

  test('give heartbeats time to come after a pause, and a whole period after the clock was set', () => {
    const breaks = createBreaks()
    expect(breaks.patientUntil(daily, at(1000))).toBeUndefined()
    breaks.note('pause', at(1000))
    expect(breaks.patientUntil(daily, at(1001))).toEqual(at(1060))
    expect(breaks.patientUntil(daily, at(1061))).toBeUndefined()
    breaks.note('clock', at(500))
    expect(breaks.patientUntil(daily, at(1061))).toEqual(at(500 + 3660))
  })
})

describe('histograms', () => {
  test('give percentiles within the bucket of the true one, merged or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (times, share) => {
          const sorted = times.toSorted((a, b) => a - b)
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0
          const merged = mergeHistograms(times.map(histogramOf))
          expect(merged).toHaveLength(bucketCount)
          const extent = { min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
          const estimate = percentileOf(merged, share, extent) ?? Number.NaN
          expect(histogramOf(estimate).indexOf(1)).toBeGreaterThanOrEqual(histogramOf(exact).indexOf(1) - 1)
          expect(histogramOf(estimate).indexOf(1)).toBeLessThanOrEqual(histogramOf(exact).indexOf(1))
          expect(estimate).toBeLessThanOrEqual(extent.max)
        },
      ),
    )
    expect(percentileOf(histogramOf(null), 0.5, { min: 0, max: 0 })).toBeNull()
  })
})
