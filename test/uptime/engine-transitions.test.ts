import { type Before, consensusOf, transition } from '@owlery/server/uptime/engine/transitions.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const status = fc.constantFrom('up', 'degraded', 'down')

describe('ten thousand random courses of events', () => {
  test('never open a second incident, never leave one open after a good check, open exactly at the threshold, and only ever worsen', () => {
    const step = fc.record({ status, isUncounted: fc.boolean(), resolvesByHand: fc.boolean() })
    const course = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 40 }),
      alertThreshold: fc.integer({ min: 1, max: 10 }),
      alertOnDegraded: fc.boolean(),
    })
    fc.assert(
      fc.property(course, ({ steps, alertThreshold, alertOnDegraded }) => {
        let openIncident: Before['openIncident'] = null
        let badInARow = 0
        let before: Pick<Before, 'lastStatus' | 'consecutiveFailures'> = { lastStatus: null, consecutiveFailures: 0 }
        for (const { status, isUncounted, resolvesByHand } of steps) {
          if (resolvesByHand) openIncident = null
          const isBad = status === 'down' || (status === 'degraded' && alertOnDegraded)
          badInARow = isBad && !isUncounted ? badInARow + 1 : 0
          const rules = { alertThreshold, alertOnDegraded, openIncident, isUncounted }
          const after = transition({ ...before, ...rules }, { status, errorMessage: null })
          if (after.incident === 'open') expect(openIncident).toBeNull()
          if (after.incident === 'worsen') expect([openIncident, status]).toEqual(['degraded', 'down'])
          if (after.incident === 'resolve') expect(openIncident).not.toBeNull()
          if (after.incident === 'resolve') openIncident = null
          else if (after.incident !== 'leave') openIncident = status === 'down' ? 'down' : 'degraded'
          if (openIncident === 'degraded' && !isUncounted) expect(status).toBe('degraded')
          expect(after.consecutiveFailures).toBe(badInARow)
          if (!isBad) expect(openIncident).toBeNull()
          else if (!isUncounted && badInARow >= alertThreshold) expect(openIncident).not.toBeNull()
          expect(after.isChange).toBe(before.lastStatus !== null && before.lastStatus !== status)
          before = { lastStatus: after.status, consecutiveFailures: after.consecutiveFailures }
        }
      }),
      { numRuns: 10_000 },
    )
  })
})

describe('the consensus of regions', () => {
  test('is down if and only if more than half of them are', () => {
    const vote = fc.record({ status, errorMessage: fc.constant(null) })
    fc.assert(
      fc.property(vote, fc.array(vote, { maxLength: 6 }), (local, others) => {
        const all = [local, ...others]
        const down = all.filter((one) => one.status === 'down').length
        const expected = down * 2 > all.length ? 'down' : all.every((one) => one.status === 'up') ? 'up' : 'degraded'
        expect(consensusOf(local, others).status).toBe(expected)
      }),
    )
  })
})
